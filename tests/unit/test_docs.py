"""Documentation that is made from the code is current, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from docs.__main__ import FOLDER, made

PAGES = sorted([*FOLDER.rglob("*.md"), *FOLDER.parent.glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(FOLDER.parent)))
def test_made_parts_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert made(text) == text, "run: python -m docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(FOLDER.parent)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


def test_every_setting_says_what_it_does() -> None:
    text = (FOLDER / "operations.md").read_text(encoding="utf-8")
    assert "| None |" not in text
