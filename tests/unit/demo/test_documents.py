"""The pages that a newcomer reads first."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from deploy.local.processes import ROOT

PAGES = [
    ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/README.md", "demo/data/README.md")
]
_LINK = re.compile(r"\]\(([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_the_index_lists_every_page() -> None:
    listed = set(_LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name in listed or page.name == "README.md", f"add a line for {page.name} to docs/README.md"


def test_the_readme_names_only_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert (ROOT / module.replace(".", "/") / "__main__.py").exists()


def test_the_picture_is_drawn_for_light_and_dark_and_can_be_read_aloud() -> None:
    path = ROOT / "docs" / "images" / "flow.svg"
    drawing = ET.parse(path).getroot()  # noqa: S314 - our own file
    names = {element.tag.rpartition("}")[2] for element in drawing}
    assert {"title", "desc"} <= names
    assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")
