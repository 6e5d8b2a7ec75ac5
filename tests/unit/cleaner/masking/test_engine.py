"""The masking engine as its callers see it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cleaner.masking import TYPES, Masker
from services.cleaner.masking.gate import leaks
from services.domain.vocabulary import IDENTIFIER_KINDS, LANGUAGES

MASKER = Masker.load()
PIECES = st.sampled_from(
    [
        "08031234567", "0803 123 4567", "+234 (0) 803-123-4567", "ada@mail.ng", "my name is Ngozi Umeh", "N2,000",
        "@ada_obi", "my PIN is 1234", "12 Allen Avenue", "Ẹ jọ̀wọ́", "TKT 1234567890", "5GB", "*131#", "22123456789",
        "4111 1111 1111 1111", "12/03/2026", "no network in Yaba", "\u0660\u0668\u0660\u0663", "zero eight zero three",
        "KJA-123AB", "😂", "\u200b", "account 0123456789", "http://x.ng/?token=abc123",
    ]
)  # fmt: skip
NOISE = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
TEXTS = st.one_of(NOISE, st.lists(st.one_of(PIECES, NOISE), max_size=6).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_spans_are_ordered_apart_and_within_the_original(text: str) -> None:
    masked = MASKER.mask(text)
    at = 0
    for span in masked.spans:
        assert at <= span.start < span.end <= len(text)
        assert span.type in TYPES
        assert 0 < span.confidence <= 1
        at = span.end
    assert sum(masked.counts.values()) == len(masked.spans)
    assert masked.language in LANGUAGES
    assert all(kind in IDENTIFIER_KINDS and value for kind, value in masked.identifiers)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_the_second_scan_finds_nothing_in_what_was_masked(text: str) -> None:
    assert leaks(MASKER.mask(text).text) == []


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_no_span_covers_is_left_as_it_was(text: str) -> None:
    masked = MASKER.mask(text)
    if not masked.spans:
        assert masked.text == unicodedata.normalize("NFC", text)
    first = masked.spans[0].start if masked.spans else len(text)
    assert masked.text.startswith(unicodedata.normalize("NFC", text[: max(0, first - 2)])[: max(0, first - 4)])


def test_two_mentions_of_one_identifier_bear_one_number() -> None:
    text = "call 08031234567 or +234 803 123 4567, not 08039998877"
    assert MASKER.mask(text).text == "call [PHONE_1] or [PHONE_1], not [PHONE_2]"


def test_masks_are_numbered_by_type_in_order_of_the_text() -> None:
    masked = MASKER.mask("mail a@x.ng and b@x.ng, then 08031234567, then a@x.ng")
    assert masked.text == "mail [EMAIL_1] and [EMAIL_2], then [PHONE_1], then [EMAIL_1]"
    assert masked.counts == {"EMAIL": 3, "PHONE": 1}


def test_identifiers_are_canonical_and_named_once() -> None:
    masked = MASKER.mask("0803 123 4567, 2348031234567, Ada@Mail.ng, @Ada_Obi, account 0123456789")
    assert masked.identifiers == (
        ("msisdn", "+2348031234567"),
        ("email", "ada@mail.ng"),
        ("handle", "ada_obi"),
        ("account", "0123456789"),
    )


def test_identifiers_do_not_show_in_the_representation() -> None:
    assert "8031234567" not in repr(MASKER.mask("call 08031234567"))


def test_the_text_comes_out_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Ẹ ràn mí lọ́wọ́ o, káàdì")
    assert MASKER.mask(decomposed).text == unicodedata.normalize("NFC", decomposed)


@pytest.mark.parametrize(
    "text",
    [
        "O8O3I234567",
        "０８０３１２３４５６７",
        "0\u200b8\u200b0\u200b3\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7",
        "08\u00ad031234567",
        "0️⃣8️⃣0️⃣3️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
        "𝟘𝟠𝟘𝟛𝟙𝟚𝟛𝟜𝟝𝟞𝟟",
        "0.8.0.3.1.2.3.4.5.6.7",
    ],
)
def test_a_disguised_number_is_masked_whole(text: str) -> None:
    assert MASKER.mask(f"call {text} now").text in ("call [PHONE_1] now", "call [PHONE_1]\ufe0f\u20e3 now")


@pytest.mark.parametrize(
    "text",
    [
        "I loaded N500 and ₦2,000, even 1500 naira and NGN 10000",
        "2GB, 1.5gb, 4G, 5G and 100mb finished",
        "dial *131# or 300, 622 and 7000",
        "since 12/03/2026, 2026-03-12 and 5pm",
        "TKT 1234567890, ref no 123456789012, SR1009238847, INC0049921",
        "hotline 08031000180 is dead @MTN180 @NgComCommission",
        "No network in Lagos, Kano, Port Harcourt, Sabon Gari and Victoria Island",
        "MTN, Airtel, Glo, 9mobile and Beejan are the same, NCC help",
        "Peace of mind, good luck and grace to you; joy on sunday and monday",
        "una dey chop my data, wetin be this nke sef",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert MASKER.mask(text).text == text


@pytest.mark.parametrize("digits", ["1234567890", "98765432109", "345678901234", "9876543210123"])
def test_every_bare_run_of_ten_to_thirteen_digits_is_masked(digits: str) -> None:
    assert digits not in MASKER.mask(f"the thing is {digits} ok").text


def test_ussd_keeps_the_service_code() -> None:
    assert MASKER.mask("*777*08031234567*500*1234#").text == "*777*[USSD_1]*[USSD_2]*[USSD_3]#"


def test_coordinates_are_rounded() -> None:
    masked = MASKER.mask("mast at 6.52437, 3.37921")
    assert masked.text == "mast at 6.52, 3.38"
    assert masked.counts == {"GEO": 1}


def test_a_batch_gives_what_single_calls_give() -> None:
    texts = ["call 08031234567", "", "my name is Ngozi Umeh", "Ẹ jọ̀wọ́"]
    assert MASKER.mask_batch(texts) == [MASKER.mask(text) for text in texts]


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(UnicodeError):
        MASKER.mask("abc \ud800 08031234567")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    ["1", "@", " ", "1 ", "a@", "0803 ", "a.b@c.ng ", "*1", "A1 ", "12 Ada Street ", "pin 1 ", "zero ", "(", "é"],
)
def test_hostile_repetition_is_masked_in_linear_time(piece: str) -> None:
    assert leaks(MASKER.mask(piece * (60_000 // len(piece))).text) == []
