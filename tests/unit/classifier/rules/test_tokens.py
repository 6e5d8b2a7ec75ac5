import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.rules.tokens import name, names, spellings, tokenize


def named(text: str) -> str:
    return " ".join(names(tokenize(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pls my NETWRK is nt workin", "please my network is not working"),
        ("Ẹ jọ̀ọ́, nẹ́tíwọ́ọ̀kì yín kò dára", "e joo netiwooki yin ko dara"),
        ("an cire min kuɗi ɗari", "an cire min kudi dari"),
        ("don’t can't cannot", "dont cant cant"),
        ("soooo baaad", "so bad"),
        ("I am [PERSON_1], call [PHONE_12]", "i am <person> call <phone>"),
        ("N500 ₦2,000 NGN 1500 #700 3 naira 2k", "<amt> <amt> <amt> <amt> <amt> <amt>"),
        ("N20,000 ₦25k 1.2 million naira 50000", "<amtbig> <amtbig> <amtbig> <amtbig>"),
        ("N19,999.99", "<amt>"),
        ("2GB 1.5 gb 500MB", "<vol> <vol> <vol>"),
        ("at 20 Mbps by 5 pm on 20/11/2026 10:30", "at <speed> by <time> on <date> <time>"),
        ("08031234567 0803 555 0142 +234 803 555 0142", "<phone> <phone> <phone>"),
        ("dial *312*1# or 2442", "dial <ussd> or 2442"),
        ("300 minutes", "<n> minute"),
        ("@BeejanNG @joe a.b@c.ng https://x.y/z", "<oper> <handle> <email> <url>"),
        ("port from MTN to 9mobileNG in Port Harcourt", "port from <oper> to <oper> in portharcourt"),
        ("b4 2day some1", "before today someone"),
        ("why?? 😡", "why ? ? emoangry"),
        ("", ""),
    ],
)
def test_a_text_is_reduced_to_what_it_says(text: str, expected: str) -> None:
    assert named(text) == expected


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_no_text_is_refused_and_tokens_are_ascii(text: str) -> None:
    found = names(tokenize(text))
    assert all(word and " " not in word for word in found)
    assert all(char.isascii() for word in found for char in word if char.isalpha())


@settings(max_examples=80)
@given(st.text(alphabet="abcdefgh ẹọịụ'-!?", max_size=40))
def test_case_changes_nothing(text: str) -> None:
    assert named(text.upper()) == named(text)


@settings(max_examples=80)
@given(st.integers(10**9, 10**13))
def test_long_numbers_never_survive(number: int) -> None:
    assert not any(char.isdigit() for char in name(str(number)))


def test_spellings_lead_to_words_that_are_no_variants_themselves() -> None:
    table = spellings()
    assert [usual for usual in table.values() if usual in table] == []
