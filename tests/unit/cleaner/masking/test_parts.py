"""The parts of the engine, each by its law."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cleaner.masking import features
from services.cleaner.masking.arrays import pack, unpack
from services.cleaner.masking.checks import iban, luhn
from services.cleaner.masking.fields import KINDS_OF_FIELDS, mask_of
from services.cleaner.masking.folding import fold
from services.cleaner.masking.language import LanguageIdentifier
from services.cleaner.masking.memo import Memo
from services.cleaner.masking.spans import TYPES, Finding
from services.cleaner.masking.spelled import spelled_numbers
from services.cleaner.masking.tagger import Tagger
from services.cleaner.masking.tokens import fold_word, tokens_of
from services.cleaner.masking.union import union

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_folding_maps_every_character_to_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.scan) <= len(text)
    places = [folded.original(i, i + 1)[0] for i in range(len(folded.scan))]
    assert places == sorted(set(places))
    assert fold(folded.scan).scan == folded.scan


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_tokens_stand_in_the_text_in_order_and_leave_only_blanks(text: str) -> None:
    at = 0
    for token in tokens_of(text):
        found = text.index(token, at)
        assert not text[at:found].strip()
        at = found + len(token)
    assert not text[at:].strip()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.sampled_from(TYPES), st.floats(0.1, 1)), max_size=8)
)
def test_the_union_covers_what_was_found_without_overlaps(parts: list[tuple[int, int, str, float]]) -> None:
    findings = [Finding(s, s + n, kind, c, "") for s, n, kind, c in parts]
    result = union(findings)
    assert all(a.end <= b.start for a, b in itertools.pairwise(result))
    covered = {i for f in result for i in range(f.start, f.end)}
    assert covered == {i for f in findings for i in range(f.start, f.end)}
    if findings:
        assert max(f.end - f.start for f in findings) in {f.end - f.start for f in result}


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=9), min_size=1))
def test_packed_lists_come_back(texts: list[str]) -> None:
    assert unpack(pack(texts)) == texts


def test_check_digits() -> None:
    assert luhn("5060995800000009")
    assert not luhn("5060995800000008")
    assert iban("DE89370400440532013000")
    assert not iban("DE89370400440532013001")


def test_memo_keeps_no_more_than_its_size_and_no_long_text() -> None:
    memo = Memo(len, size=2)
    assert [memo[t] for t in ("a", "bb", "ccc", "d" * 50)] == [1, 2, 3, 50]
    assert sorted(memo) == ["a", "bb"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("zero eight zero three one two three four five six seven", ["08031234567"]),
        ("oh eight oh three, triple one, double two 3 4", ["080311122" + "34"]),
        ("one or two bars since seven", []),
    ],
)
def test_spelled_numbers_are_read(text: str, digits: list[str]) -> None:
    assert [n.digits for n in spelled_numbers(text)] == digits


def test_fields_are_masked_by_what_they_are() -> None:
    assert {mask_of(kind, "x") for kind in KINDS_OF_FIELDS} <= {f"[{kind}_1]" for kind in TYPES}
    assert mask_of("person", "") == ""
    with pytest.raises(ValueError, match="unknown kind of field") as error:
        mask_of("surprise", "08031234567")
    assert "0803" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have no network since yesterday, please help me", "en"),
        ("abeg una don chop my data, wetin dey happen", "pcm"),
        ("Ẹ jọ̀wọ́, nẹ́tíwọ́ọ̀kì kò dára ní ilé mi", "yo"),
        ("e jowo owo mi ko wole si ori foonu mi", "yo"),
        ("Don Allah ku taimaka, babu network a gari na", "ha"),
        ("Biko nyerenu m aka, netwọk adịghị mma n'obodo anyị", "ig"),
        ("12345 !!!", "other"),
    ],
)
def test_the_language_is_named(text: str, language: str) -> None:
    assert LanguageIdentifier.load().identify(tokens_of(text)) == language


def test_the_tagger_says_the_same_of_a_text_every_time() -> None:
    tagger = Tagger.load()
    tokens = tokens_of("My name is Chinedu Okafor of 12 Allen Avenue , Ikeja")
    assert tagger.spans(tokens, "n") == tagger.spans(tokens, "n") == Tagger.load().spans(tokens, "n")


@pytest.mark.parametrize(
    ("tokens", "mode"),
    [(["i", "am", "ada"], "l"), (["I", "am", "Ada"], "n"), (["I", "AM", "ADA", "OBI"], "u"), ([], "l")],
)
def test_casing(tokens: list[str], mode: str) -> None:
    assert features.casing(tokens) == mode


def test_words_fold_with_and_without_diacritics() -> None:
    assert fold_word("Ọláwálé") == fold_word("OLAWALE") == "olawale"
    assert fold_word("ƙarfe") == "karfe"
