"""The contracts evolve BACKWARD_TRANSITIVE or not at all."""

import copy
from typing import Any

import pytest

import schemas
from schemas.compatibility import check, faults


@pytest.mark.parametrize("record", schemas.names())
def test_every_record_is_published_and_reads_all_it_ever_wrote(record: str) -> None:
    assert check(record) == []


def _changed(change: Any) -> dict[str, Any]:
    schema = copy.deepcopy(schemas.current("GoldEvent"))
    change(schema["fields"])
    return schema


def test_a_new_field_with_a_default_is_accepted() -> None:
    field = {"name": "added", "type": "string", "default": ""}
    assert faults(_changed(lambda f: f.append(field)), [schemas.current("GoldEvent")]) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.append({"name": "added", "type": "string"}),
        lambda f: f[0].update(type="long"),
        lambda f: f[0].update(name="renamed"),
    ],
    ids=["no default", "other type", "renamed"],
)
def test_a_change_that_cannot_read_old_data_is_refused(change: Any) -> None:
    assert faults(_changed(change), [schemas.current("GoldEvent")])


def test_a_change_must_read_every_older_version_not_only_the_last() -> None:
    def drop(fields: list[dict[str, Any]]) -> None:
        fields[:] = [field for field in fields if field["name"] != "revised_at"]

    def revive(fields: list[dict[str, Any]]) -> None:
        for field in fields:
            if field["name"] == "revised_at":
                field.update(type="string", default="")

    first, second, third = schemas.current("GoldEvent"), _changed(drop), _changed(revive)
    assert faults(third, [second]) == []
    assert faults(third, [first, second])


def test_every_field_of_every_record_says_what_it_is() -> None:
    def undocumented(schema: Any, path: str) -> list[str]:
        if isinstance(schema, list):
            return [missing for item in schema for missing in undocumented(item, path)]
        if not isinstance(schema, dict):
            return []
        found = []
        if schema.get("type") == "record" and not schema.get("doc"):
            found.append(path)
        for field in schema.get("fields", ()):
            here = f"{path}.{field['name']}"
            found += [here] if not field.get("doc") else []
            found += undocumented(field["type"], here)
        return found + undocumented(schema.get("items"), path) + undocumented(schema.get("type"), path)

    assert [missing for record in schemas.names() for missing in undocumented(schemas.current(record), record)] == []
