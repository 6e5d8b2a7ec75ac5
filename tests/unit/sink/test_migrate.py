"""Migrations as files: numbered, whole, documented, and the same for a single node and a cluster."""

import re
from pathlib import Path

import pytest

from services.sink.migrate import Migration, MigrationError, load, variables

ALL = load()


def statements(migration: Migration, cluster: str = "") -> list[str]:
    """Statements without the comments before them."""
    return [re.sub(r"\A(\s*--[^\n]*\n)*", "", text) for text in migration.statements(cluster)]


def test_numbers_have_neither_gap_nor_double() -> None:
    assert [migration.number for migration in ALL] == list(range(1, len(ALL) + 1))


@pytest.mark.parametrize("migration", ALL, ids=lambda migration: migration.name)
@pytest.mark.parametrize("cluster", ["", "main"])
def test_every_template_renders_without_left_over_variables(migration: Migration, cluster: str) -> None:
    for statement in statements(migration, cluster):
        assert "$" not in statement.replace("{26}$'", "")
        assert statement.split()[0] in ("CREATE", "ALTER", "DROP", "INSERT")
        if statement.startswith(("CREATE TABLE", "CREATE VIEW", "CREATE MATERIALIZED")):
            assert ("ON CLUSTER 'main'" in statement) == bool(cluster)


@pytest.mark.parametrize("migration", ALL, ids=lambda migration: migration.name)
def test_tables_views_and_columns_say_what_they_are(migration: Migration) -> None:
    for statement in statements(migration):
        if statement.startswith("CREATE TABLE"):
            columns = re.findall(r"^    (\w+) [A-Z][\w(]", statement, re.MULTILINE)
            columns = [name for name in columns if name not in ("CONSTRAINT", "INDEX", "PROJECTION", "COMMENT")]
            assert statement.count("COMMENT '") >= len(columns) + 1, statement[:80]
        elif statement.startswith("CREATE VIEW"):
            assert "COMMENT '" in statement


def test_what_may_change_for_an_event_is_in_no_key_of_the_facts() -> None:
    ddl = next(m for m in ALL if m.name == "complaint_events").text
    keys = re.findall(r"^(?:PARTITION BY|ORDER BY) (.*)$", ddl, re.MULTILINE)
    assert keys == ["toYYYYMM(received_at)", "(complaint_id, event_id)"]


def test_replicated_tables_remember_tokens_longer_than_an_hour() -> None:
    assert "replicated_deduplication_window_seconds = 604800" in variables("c")["deduplication"]


@pytest.mark.parametrize("names", [["0001_a.sql", "0003_b.sql"], ["0001_a.sql", "0001_b.sql"], ["1_a.sql"]])
def test_a_gap_a_double_or_a_wrong_name_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1;")
    with pytest.raises(MigrationError):
        load(tmp_path)


def test_comments_and_semicolons_inside_lines_do_not_split() -> None:
    text = "-- a comment; with a semicolon\nCREATE TABLE a (b String COMMENT 'x; y');\n-- the end\n"
    assert Migration(1, "x", text).statements() == [
        "-- a comment; with a semicolon\nCREATE TABLE a (b String COMMENT 'x; y')"
    ]
