"""Names and addresses, in and out of context."""

import pytest

from services.cleaner.masking import Masker

MASKER = Masker.load()


def masked(text: str, kind: str) -> list[str]:
    return [text[s.start : s.end] for s in MASKER.mask(text).spans if s.type == kind]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("My name is Chinedu Okafor and I have no network", ["Chinedu Okafor"]),
        ("my name is chinedu okafor and i have no network", ["chinedu okafor"]),
        ("Alhaji Musa Bello of Kano is complaining", ["Musa Bello"]),
        ("Oruko mi ni Adewale Ogunleye, e jowo", ["Adewale Ogunleye"]),
        ("Sunana Hauwa Garba, an kulle min layi", ["Hauwa Garba"]),
        ("Aha m bụ Nkiruka Eze, netwọk adịghị mma", ["Nkiruka Eze"]),
        ("Regards, Sarah Whitfield", ["Sarah Whitfield"]),
        ("Tunde's line was barred, said Ngozi Umeh's son", ["Tunde", "Ngozi Umeh"]),
        ("CUSTOMER AMINA MOHAMMED CALLED ABOUT HER LINE", ["AMINA MOHAMMED"]),
    ],
)
def test_a_name_is_masked(text: str, names: list[str]) -> None:
    assert masked(text, "PERSON") == names


@pytest.mark.parametrize(
    "text",
    [
        "No network in Onitsha and Sabon Gari since Sunday",
        "MTN and Airtel are the same thing",
        "abeg wetin una dey do, wey my data",
        "Goodluck to you all, peace",
        "I was born again in this network",
    ],
)
def test_places_operators_and_plain_words_are_no_names(text: str) -> None:
    assert masked(text, "PERSON") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("I live at 12 Adeola Odeku Street, Victoria Island", "12 Adeola Odeku Street"),
        ("come to no 14 ekenwan road benin", "no 14 ekenwan road"),
        ("Send it to 742 Evergreen Terrace, Springfield, IL 62704", "742 Evergreen Terrace, Springfield, IL 62704"),
    ],
)
def test_what_locates_a_home_is_masked_and_the_area_stays(text: str, address: str) -> None:
    assert masked(text, "ADDRESS") == [address]


def test_a_street_without_a_number_stays() -> None:
    assert masked("Our entire street, Allen Avenue in Ikeja, has no network", "ADDRESS") == []
