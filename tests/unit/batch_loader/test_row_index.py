from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.batch_loader.manifest import row_index
from services.batch_loader.manifest.row_index import Entry, RowState
from services.batch_loader.manifest.store import Acknowledged, Counted, Load, Manifest

KEYS = st.integers(-(1 << 63), (1 << 63) - 1)
ENTRIES = st.lists(st.tuples(st.one_of(st.integers(0, 20), KEYS), KEYS, st.integers(0, 9), st.integers(0, 1 << 41)))


def commit(manifest: Manifest, source: int, chunks: list[list[Entry]]) -> None:
    index = manifest.rows(source)
    for number, chunk in enumerate(chunks):
        load = manifest.begin(source, "0" * 64, "x", "a.csv", 1, 0)
        intended = index.intend(chunk)
        manifest.commit(load, index, Acknowledged(intended, chunk, number, Counted(rows=len(chunk))))
        if index.full:
            index.merge()


@settings(max_examples=25, deadline=None)
@given(st.lists(ENTRIES, max_size=6), st.integers(1, 30))
def test_the_last_entry_of_each_key_is_found_whatever_was_merged_or_restarted(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[list[Entry]], merge_at: int
) -> None:
    manifest = Manifest(f"sqlite:///{tmp_path_factory.mktemp('m')}/manifest.db")
    source = manifest.source("call_center:a")
    before, row_index.MERGE_AT = row_index.MERGE_AT, merge_at
    try:
        commit(manifest, source, chunks[:3])
        commit(manifest, source, chunks[3:])
    finally:
        row_index.MERGE_AT = before
    expected = {key: RowState(*state) for chunk in chunks for key, *state in chunk}
    asked = [*expected, 77_777]
    assert manifest.rows(source).known(asked) == expected
    manifest.close()


def test_a_load_remembers_where_it_stopped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/manifest.db"
    manifest = Manifest(url)
    source = manifest.source("call_center:a")
    commit(manifest, source, [[(1, 2, 0, 4)], [(5, 6, 0, 8)]])
    manifest.close()
    load: Load = Manifest(url).begin(source, "0" * 64, "x", "a.csv", 1, 0)
    assert (load.state, load.line, load.counted.rows) == ("loading", 1, 2)


def test_what_was_intended_and_not_acknowledged_is_known_as_unsure(tmp_path: Path) -> None:
    manifest = Manifest(f"sqlite:///{tmp_path}/manifest.db")
    source = manifest.source("call_center:a")
    commit(manifest, source, [[(1, 2, 0, 4), (2, 2, 0, 4)]])
    manifest.rows(source).intend([(1, 3, 1, 9)])
    index = manifest.rows(source)
    assert index.known([1, 2]) == {1: RowState(3, 1, 9, False), 2: RowState(2, 0, 4, True)}
    index.merge()
    assert manifest.rows(source).known([1, 2]) == {1: RowState(3, 1, 9, False), 2: RowState(2, 0, 4, True)}
