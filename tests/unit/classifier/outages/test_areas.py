"""Areas and what an observation counts in."""

from services.classifier.outages.areas import AreaTree, is_local, is_state, lgas_of, state_of
from tests.unit.classifier.outages.crowd import LGAS, TOWNS

TREE = AreaTree(LGAS, TOWNS)
IBADAN = "Oyo/Ibadan North+Oyo/Ibadan South West"


def test_several_areas_that_are_no_town_each_count() -> None:
    assert TREE.of({"state": "Lagos", "lgas": ["Lagos/Epe", "Kano/Dala"]}) == (
        "Lagos/Epe",
        "Kano/Dala",
        "Lagos",
        "Kano",
        "NG",
    )


def test_a_town_counts_as_itself_whatever_the_order_of_its_areas() -> None:
    assert TREE.of({"state": "Oyo", "lgas": ["Oyo/Ibadan South West", "Oyo/Ibadan North"]}) == (IBADAN, "Oyo", "NG")
    assert lgas_of(IBADAN) == ["Oyo/Ibadan North", "Oyo/Ibadan South West"]


def test_areas_of_a_record_are_grouped_back_into_towns() -> None:
    assert TREE.grouped(["Oyo/Ibadan South West", "Oyo/Ibadan North", "Oyo/Iseyin"]) == [IBADAN, "Oyo/Iseyin"]
    assert TREE.grouped(["Oyo/Ibadan North"]) == ["Oyo/Ibadan North"]


def test_kinds_of_areas() -> None:
    assert is_local("Lagos/Epe")
    assert is_state("Lagos")
    assert not is_state("NG")
    assert state_of(IBADAN) == "Oyo"
    assert state_of("Oyo") == "Oyo"


def test_shares_before_anything_is_known_add_up() -> None:
    states = {state_of(lga) for lga in LGAS}
    assert abs(sum(TREE.prior_share(state) for state in states) - 1) < 1e-9
    assert abs(sum(TREE.prior_share(lga) for lga in LGAS) - 1) < 1e-9
