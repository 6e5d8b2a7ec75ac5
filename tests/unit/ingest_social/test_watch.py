"""The language of what to watch for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest_social.post import post
from services.ingest_social.watch import X_LIMIT, Watch
from services.runtime.errors import SettingsError


def found(text: str, **changes: Any) -> dict[str, Any]:
    return post(network="x", post_id="1", text=text, created_at=1, **changes)


@pytest.mark.parametrize(
    ("rule", "text", "fits"),
    [
        ("@beejan", "hello @Beejan!", True),
        ("@beejan", "hello @beejan_ads", False),
        ("@beejan", "mail me@beejan.ng", False),
        ("#beejan", "down #BEEJAN", True),
        ("#beejan", "beejan", False),
        ("beejan", "my Beejan line", True),
        ("beejan", "beejans", False),
        ('"no network"', "there is No Network here", True),
        ('"no network"', "no good network", False),
        ("beejan data", "data on beejan", True),
        ("beejan data", "beejan only", False),
        ("beejan -giveaway", "beejan giveaway", False),
        ("place:Lagos beejan", "beejan in Lagos", True),
        ('place:"Port Harcourt"', "here in port harcourt", True),
    ],
)
def test_which_posts_fit(rule: str, text: str, fits: bool) -> None:
    assert Watch.of([rule]).wants(found(text)) is fits


def test_tags_of_place_and_language_count() -> None:
    assert Watch.of(["place:Lagos"]).wants(found("no data", place="Lagos, Nigeria"))
    assert Watch.of(["lang:en"]).wants(found("x", language="en-NG"))
    assert not Watch.of(["lang:en"]).wants(found("x", language="yo"))


def test_any_rule_may_fit_and_without_rules_all_do() -> None:
    watch = Watch.of(["#a", "#b"])
    assert [watch.wants(found(t)) for t in ("#a", "#b", "#c")] == [True, True, False]
    assert Watch.of([]).wants(found("anything"))
    assert watch.wants(found("", action="deleted"))
    assert Watch.of(["#A", "#b #c", "-#d x", "#a"]).hashtags() == ["a", "b", "c"]


@given(st.lists(st.text('ab#@ -"', min_size=1, max_size=30), max_size=40))
def test_queries_of_x_keep_its_limit(lines: list[str]) -> None:
    try:
        queries = Watch.of(lines).x_queries()
    except SettingsError:
        return
    assert all(len(query) <= X_LIMIT for query in queries)
    assert bool(queries) == bool(lines)


@pytest.mark.parametrize("line", ["", "-a", '"', "place:", '-"a b"'])
def test_a_rule_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(SettingsError):
        Watch.of([line])
