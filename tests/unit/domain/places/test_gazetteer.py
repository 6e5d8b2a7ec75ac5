"""Places found in texts, form fields and coordinates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.places import NOWHERE, Gazetteer
from services.domain.places.sources import areas

GAZETTEER = Gazetteer.load()


def test_there_are_774_areas_in_37_states_each_with_coordinates_in_nigeria() -> None:
    known = areas()
    assert len(known) == len({area.full_name for area in known}) == 774
    assert len(GAZETTEER.states()) == 37
    assert all(4 < area.latitude < 14 and 2.5 < area.longitude < 15 for area in known)
    assert all(area.full_name.count("/") == 1 for area in known)


@pytest.mark.parametrize(
    ("text", "state", "lga"),
    [
        ("No network for Lekki since morning", "Lagos", "Eti-Osa"),
        ("network don go for Surulere", "Lagos", "Surulere"),
        ("no service in Surulere, Oyo state", "Oyo", "Surulere"),
        ("MTN is not working in Sabon Gari, Kano", "Kano", "Fagge"),
        ("Sabon Gari Zaria no network", "Kaduna", "Sabon Gari"),
        ("Garki Jigawa babu network", "Jigawa", "Garki"),
        ("no service in Garki since", "FCT", "Abuja Municipal"),
        ("Babu network a Kano tun jiya", "Kano", None),
        ("Kò sí network ní Ìbàdàn láti àná", "Oyo", None),
        ("we are in V.I. and there is no service", "Lagos", "Eti-Osa"),
        ("no network in Nassarawa, Kano", "Kano", "Nasarawa"),
        ("Song LGA no get network", "Adamawa", "Song"),
    ],
)
def test_a_named_place_is_found(text: str, state: str, lga: str | None) -> None:
    place = GAZETTEER.resolve(text)
    assert (place.state, place.lga) == (state, lga)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I dey for bus stop since, no network",
        "My name is Obi and I need my refund",
        "Alhaji Zaria called me",
        "along Aba Road the call drops",
        "people of the Niger Delta suffer",
        "Eko disco no bring light",
        "play that song for me",
        "Comcast Cable Internet Speeds Abingdon Maryland",
    ],
)
def test_a_name_that_is_no_place_here_is_not_taken(text: str) -> None:
    assert GAZETTEER.resolve(text) == NOWHERE


def test_a_town_over_several_areas_names_them_all_and_none_alone() -> None:
    place = GAZETTEER.resolve("Glo network in Ogbomosho is very bad")
    assert place.lga is None
    assert place.lgas == ("Oyo/Ogbomoso North", "Oyo/Ogbomoso South")


def test_a_district_wins_over_the_town_around_it() -> None:
    assert GAZETTEER.resolve("no network at Bodija Ibadan").lgas == ("Oyo/Ibadan North",)


def test_all_areas_of_a_list_are_named() -> None:
    assert GAZETTEER.resolve("Ikeja and Surulere have no service").lgas == ("Lagos/Ikeja", "Lagos/Surulere")


def test_the_destination_of_a_move_wins() -> None:
    assert GAZETTEER.resolve("I moved from Lagos to Abuja and my data stopped").state == "FCT"


def test_form_fields_win_over_the_text_and_the_text_refines_them() -> None:
    assert GAZETTEER.resolve("no network in Ikeja", state="lagos state")[:2] == ("Lagos", "Ikeja")
    place = GAZETTEER.resolve("no network in Kano", state="Lagos")
    assert (place.state, place.lgas) == ("Lagos", ())
    assert place.confidence < GAZETTEER.resolve("no network", state="Lagos").confidence
    assert GAZETTEER.resolve("help", lga="Eti-Osa")[:2] == ("Lagos", "Eti-Osa")


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("lagos state", "Lagos"),
        ("FCT", "FCT"),
        ("Federal Capital Territory", "FCT"),
        ("Abuja", "FCT"),
        ("PH", "Rivers"),
        ("Anambara", "Anambra"),
        ("Lagos, Nigeria", "Lagos"),
        ("ipinle Ọ̀yọ́", "Oyo"),
        ("Jihar Kano", "Kano"),
        ("Lagos/Ikeja", "Lagos"),
        ("Georgia", None),
        ("Maryland", None),
        ("", None),
        (None, None),
    ],
)
def test_a_state_field_is_understood(raw: str | None, state: str | None) -> None:
    assert GAZETTEER.canonical_state(raw) == state


@pytest.mark.parametrize(
    ("raw", "state", "lga"),
    [
        ("ibeju lekki LGA", "Lagos", "Ibeju-Lekki"),
        ("Lagos/Oshodi/Isolo", None, "Oshodi-Isolo"),
        ("Egbado South", "Ogun", "Yewa South"),
        ("AMAC", None, "Abuja Municipal"),
        ("Surulere", "Oyo", "Surulere"),
        ("Ikorodo", "Lagos", "Ikorodu"),
        ("Ikeja", "Kano", None),
        ("Oyo", None, None),
        (None, "Lagos", None),
    ],
)
def test_an_area_field_is_understood(raw: str | None, state: str | None, lga: str | None) -> None:
    assert GAZETTEER.canonical_lga(raw, state) == lga


def test_every_area_and_state_understands_its_own_name() -> None:
    for area in areas():
        assert GAZETTEER.canonical_lga(area.name, area.state) == area.name
        assert GAZETTEER.canonical_lga(area.full_name) == area.name
    assert all(GAZETTEER.canonical_state(state) == state for state in GAZETTEER.states())


def test_the_middle_of_every_area_is_nearest_to_itself() -> None:
    for area in areas()[::7]:
        assert GAZETTEER.nearest(area.latitude, area.longitude).lgas == (area.full_name,)


@pytest.mark.parametrize(("latitude", "longitude"), [(51.5, 0.1), (0.0, 0.0), (6.35, 1.2), (float("nan"), 7.0)])
def test_a_point_outside_nigeria_is_nowhere(latitude: float, longitude: float) -> None:
    assert GAZETTEER.nearest(latitude, longitude) == NOWHERE


def test_names_hold_places_and_no_personal_names() -> None:
    names = GAZETTEER.names()
    assert {"lagos", "ikeja", "lekki", "ogbomoso", "wuse", "akwa ibom", "port harcourt"} <= names
    assert not {"obi", "musa", "bello", "market", "sani", "ojo alaba road"} & names
    assert all(name == name.casefold() for name in names)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_survived_and_what_is_found_is_of_the_gazetteer(text: str) -> None:
    place = GAZETTEER.resolve(text)
    assert place.state is None or place.state in GAZETTEER.states()
    assert set(place.lgas) <= set(GAZETTEER.lgas())
    assert 0.0 <= place.confidence <= 1.0
    assert place.is_known or place == NOWHERE
