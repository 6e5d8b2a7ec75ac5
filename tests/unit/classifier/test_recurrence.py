from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.recurrence import ALONE, DAY_MS, WINDOW_MS, Contact, Counts, Recurrence

DAY = DAY_MS
START = 1_700_000_000_000


def observe(state: Recurrence, contacts: Sequence[tuple[str, str, int, str]], commit: bool = True) -> list[Counts]:
    """Counts of contacts (customer, complaint, day, category), each its own batch."""
    found = []
    for customer, complaint, day, category in contacts:
        batch = state.overlay()
        at = START + day * DAY
        found.append(batch.observe(customer, complaint, at, category, at))
        if commit:
            state.apply(batch.contacts, batch.received_at)
    return found


def test_the_third_contact_about_a_category_counts_three() -> None:
    counts = observe(
        Recurrence(),
        [("k1_a", "c1", 0, "internet_data"), ("k1_a", "c2", 3, "other"), ("k1_a", "c3", 9, "internet_data")],
    )
    assert counts == [Counts(1, 1), Counts(2, 1), Counts(3, 2)]


def test_customers_do_not_mix() -> None:
    counts = observe(Recurrence(), [("k1_a", "c1", 0, "other"), ("k1_b", "c2", 0, "other")])
    assert counts == [Counts(1, 1), Counts(1, 1)]


def test_an_update_is_no_new_contact() -> None:
    counts = observe(Recurrence(), [("k1_a", "c1", 0, "other"), ("k1_a", "c1", 5, "other")])
    assert counts[-1] == Counts(1, 1)


def test_an_update_with_another_category_moves_its_contact_there() -> None:
    state = Recurrence()
    observe(state, [("k1_a", "c1", 0, "other"), ("k1_a", "c1", 0, "promotions")])
    assert observe(state, [("k1_a", "c2", 1, "promotions")], commit=False) == [Counts(2, 2)]
    assert observe(state, [("k1_a", "c2", 1, "other")], commit=False) == [Counts(2, 1)]


def test_a_late_event_counts_what_came_before_its_own_time() -> None:
    state = Recurrence()
    observe(state, [("k1_a", "c1", 0, "other"), ("k1_a", "c3", 20, "other")])
    assert observe(state, [("k1_a", "c2", 10, "other")]) == [Counts(2, 2)]
    assert observe(state, [("k1_a", "c4", 21, "other")]) == [Counts(4, 4)]


def test_the_window_is_thirty_days_and_open_at_its_start() -> None:
    state = Recurrence()
    observe(state, [("k1_a", "c1", 0, "other")])
    assert observe(state, [("k1_a", "c2", 30, "other")], commit=False) == [Counts(1, 1)]
    batch = state.overlay()
    assert batch.observe("k1_a", "c2", START + WINDOW_MS - 1, "other", START + WINDOW_MS - 1) == Counts(2, 2)


def test_an_event_without_customer_stands_alone_and_leaves_no_state() -> None:
    batch = Recurrence().overlay()
    assert batch.observe(None, "c1", START, "other", START) == ALONE
    assert batch.contacts == []


def test_a_batch_that_is_not_committed_leaves_no_trace() -> None:
    state = Recurrence()
    observe(state, [("k1_a", "c1", 0, "other")], commit=False)
    assert len(state) == 0
    assert observe(state, [("k1_a", "c2", 1, "other")], commit=False) == [Counts(1, 1)]


def test_events_of_one_batch_see_each_other() -> None:
    batch = Recurrence().overlay()
    batch.observe("k1_a", "c1", START, "other", START)
    assert batch.observe("k1_a", "c2", START + DAY, "other", START + DAY) == Counts(2, 2)


def test_the_changelog_restores_the_same_counts() -> None:
    first, second = Recurrence(), Recurrence()
    for number in range(12):
        batch = first.overlay()
        at = START + number * 2 * DAY
        batch.observe(f"k1_{number % 3}", f"c{number % 7}", at, "other" if number % 2 else "promotions", at)
        first.apply(batch.contacts, batch.received_at)
        second.apply([Contact(**contact.as_record()) for contact in batch.contacts], batch.received_at)
    for customer in range(3):
        asked = [(f"k1_{customer}", "c99", 23, "other")]
        assert observe(first, asked, commit=False) == observe(second, asked, commit=False)


def test_old_contacts_leave_memory_by_their_receipt() -> None:
    state = Recurrence(keep_days=37)
    observe(state, [("k1_a", "c1", 0, "other"), ("k1_b", "c2", 30, "other")])
    assert len(state) == 2
    observe(state, [("k1_c", "c3", 38, "other")])
    assert len(state) == 2


def test_an_old_export_loaded_today_still_counts_its_own_contacts() -> None:
    state = Recurrence()
    batch = state.overlay()
    occurred = START - 4000 * DAY
    batch.observe("k1_a", "c1", occurred, "other", START)
    state.apply(batch.contacts, batch.received_at)
    assert state.overlay().observe("k1_a", "c2", occurred + DAY, "other", START) == Counts(2, 2)


def test_a_flood_of_one_customer_keeps_the_newest() -> None:
    state = Recurrence(per_customer=10)
    observe(state, [("k1_a", f"c{number}", 0, "other") for number in range(30)])
    assert observe(state, [("k1_a", "new", 1, "other")], commit=False)[0].contacts_30d == 11


def test_an_erased_customer_starts_again() -> None:
    state = Recurrence()
    observe(state, [("k1_a", "c1", 0, "other"), ("k1_b", "c2", 0, "other")])
    state.forget(["k1_a", "k1_unknown"])
    assert observe(state, [("k1_a", "c3", 1, "other")], commit=False) == [Counts(1, 1)]
    assert observe(state, [("k1_b", "c3", 1, "other")], commit=False) == [Counts(2, 2)]


def test_state_holds_no_key_of_a_customer() -> None:
    state = Recurrence()
    observe(state, [("k1_secretcustomer", "c1", 0, "other")])
    assert "secretcustomer" not in repr(vars(state))


CONTACTS = st.lists(
    st.tuples(
        st.sampled_from(["k1_a", "k1_b"]),
        st.sampled_from([f"c{number}" for number in range(6)]),
        st.integers(0, 36),
        st.sampled_from(["other", "promotions", "internet_data"]),
    ),
    max_size=12,
)


@settings(max_examples=80)
@given(CONTACTS, st.tuples(st.sampled_from(["k1_a", "k1_b"]), st.integers(0, 36), st.sampled_from(["other"])))
def test_counts_are_those_of_the_definition(
    contacts: list[tuple[str, str, int, str]], asked: tuple[str, int, str]
) -> None:
    state = Recurrence()
    observe(state, contacts)
    customer, day, category = asked
    known: dict[str, tuple[int, str]] = {}
    for of_customer, complaint, at, of_category in contacts:
        if of_customer == customer:
            first = min(at, known.get(complaint, (at, ""))[0])
            known[complaint] = (first, of_category)
    within = [kind for at, kind in known.values() if day - 30 < at <= day]
    expected = Counts(1 + len(within), 1 + within.count(category))
    assert observe(state, [(customer, "asked", day, category)], commit=False) == [expected]


@settings(max_examples=40)
@given(CONTACTS, st.data())
def test_splitting_into_batches_changes_nothing(contacts: list[tuple[str, str, int, str]], data: st.DataObject) -> None:
    apart = observe(Recurrence(), contacts)
    state, found = Recurrence(), []
    rest = list(contacts)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch = state.overlay()
        for customer, complaint, day, category in rest[:size]:
            at = START + day * DAY
            found.append(batch.observe(customer, complaint, at, category, at))
        state.apply(batch.contacts, batch.received_at)
        rest = rest[size:]
    assert found == apart
