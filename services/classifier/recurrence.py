"""How often a customer has complained within 30 days: state of one partition.

The state is a set of complaints per customer, by the time of the complaint: a second event of the same complaint is no
new contact, and an event that arrives late is counted as of its own time. Nothing readable is kept: customers and
complaints are 64-bit digests, packed into one bytes object per customer.

A batch works on an `Overlay`, which sees its own contacts and leaves the state as it was; its contacts become state
through `Recurrence.apply`, once the batch is committed, and again from the changelog after a restart.
"""

from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct
from typing import Any, NamedTuple

from services.domain.vocabulary import CATEGORIES

DAY_MS = 86_400_000
WINDOW_MS = 30 * DAY_MS

_PACKED = Struct("<QqIB")  # complaint digest, occurred_at in ms, day of receipt, category
_CATEGORY_CODE = {category: code for code, category in enumerate(CATEGORIES)}
_RETIRED_CODE = 255  # a category of an older version, read back from the changelog


class Contact(NamedTuple):
    """One complaint of one customer, as schemas/ClassifierState.avsc has it."""

    customer_key: str
    complaint_id: str
    occurred_at: int
    category: str

    def as_record(self) -> dict[str, Any]:
        """The Avro record of this contact."""
        return self._asdict()


class Counts(NamedTuple):
    """Contacts in the 30 days up to an event's time, the event's own complaint included."""

    contacts_30d: int
    same_category_30d: int


ALONE = Counts(1, 1)
"""Counts of an event that names no customer."""

_Entry = tuple[int, int, int]  # occurred_at, day of receipt, category code
_Entries = dict[int, _Entry]  # by complaint digest


class Recurrence:
    """Contacts of the customers of one partition, kept for as long as an event could still ask for them.

    A contact is forgotten `keep_days` after its receipt (the window of 30 days, and a week for what comes late), so
    that memory is bounded by traffic; a customer's contacts beyond `per_customer` push out the oldest.
    """

    def __init__(self, keep_days: int = 37, per_customer: int = 1000) -> None:
        self._keep_days = keep_days
        self._per_customer = per_customer
        self._packed: dict[int, bytes] = {}
        self._received: dict[int, set[int]] = {}  # customers by day of receipt: what to look at when that day expires
        self._today = 0

    def __len__(self) -> int:
        """Number of customers in the state."""
        return len(self._packed)

    def overlay(self) -> "Overlay":
        """A view for one batch, in which its own contacts count and which leaves this state unchanged."""
        return Overlay(self)

    def apply(self, contacts: Iterable[Contact], received_at: int) -> None:
        """Make contacts of a committed batch part of the state; `received_at` (ms) of the youngest of them."""
        day = received_at // DAY_MS
        touched = self._received.setdefault(day, set())
        for contact in contacts:
            customer = digest(contact.customer_key)
            entries = self.entries(customer)
            _put(entries, contact, day)
            self._packed[customer] = _pack(entries, self._per_customer)
            touched.add(customer)
        if day > self._today:
            self._today = day
        self._expire()

    def forget(self, customer_keys: Iterable[str]) -> None:
        """Drop everything about these customers (erasure)."""
        for key in customer_keys:
            self._packed.pop(digest(key), None)

    def entries(self, customer: int) -> _Entries:
        """A copy of one customer's contacts, by digest of the complaint."""
        packed = self._packed.get(customer, b"")
        return {item[0]: (item[1], item[2], item[3]) for item in _PACKED.iter_unpack(packed)}

    def _expire(self) -> None:
        oldest = self._today - self._keep_days
        for day in [day for day in self._received if day < oldest]:
            for customer in self._received.pop(day):
                kept = {key: entry for key, entry in self.entries(customer).items() if entry[1] >= oldest}
                if kept:
                    self._packed[customer] = _pack(kept, self._per_customer)
                else:
                    self._packed.pop(customer, None)


class Overlay:
    """The state as the batch being processed sees it: committed contacts and the batch's own."""

    def __init__(self, base: Recurrence) -> None:
        self._base = base
        self._entries: dict[int, _Entries] = {}
        self.contacts: list[Contact] = []
        """Contacts of this batch, in order: what the changelog takes and `Recurrence.apply` expects."""
        self.received_at = 0
        """Of the youngest contact of this batch, in ms."""

    def observe(
        self,
        customer_key: str | None,
        complaint_id: str,
        occurred_at: int,
        category: str,
        received_at: int,
    ) -> Counts:
        """Add a contact and say how many the customer made in the 30 days up to `occurred_at` (times in ms).

        >>> state = Recurrence()
        >>> batch = state.overlay()
        >>> batch.observe("k1_a", "c1", 1_000, "other", 1_000)
        Counts(contacts_30d=1, same_category_30d=1)
        >>> batch.observe("k1_a", "c2", 2_000, "promotions", 2_000)
        Counts(contacts_30d=2, same_category_30d=1)
        """
        if not customer_key:
            return ALONE
        contact = Contact(customer_key, complaint_id, occurred_at, category)
        customer = digest(customer_key)
        entries = self._entries.get(customer)
        if entries is None:
            entries = self._entries[customer] = self._base.entries(customer)
        own = _put(entries, contact, received_at // DAY_MS)
        self.contacts.append(contact)
        self.received_at = max(self.received_at, received_at)
        code = _CATEGORY_CODE.get(category, _RETIRED_CODE)
        earliest = occurred_at - WINDOW_MS
        contacts = same = 1
        for complaint, (at, _, of_category) in entries.items():
            if complaint != own and earliest < at <= occurred_at:
                contacts += 1
                same += of_category == code
        return Counts(contacts, same)


def digest(name: str) -> int:
    """64-bit digest of a pseudonym or an id."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def _put(entries: _Entries, contact: Contact, day: int) -> int:
    """Add or renew a contact: the complaint keeps its earliest time and takes the newest category."""
    complaint = digest(contact.complaint_id)
    known = entries.get(complaint)
    occurred_at = contact.occurred_at if known is None else min(known[0], contact.occurred_at)
    received = day if known is None else max(known[1], day)
    entries[complaint] = (occurred_at, received, _CATEGORY_CODE.get(contact.category, _RETIRED_CODE))
    return complaint


def _pack(entries: _Entries, limit: int) -> bytes:
    items = list(entries.items())
    if len(items) > limit:
        items.sort(key=lambda item: item[1][0])
        items = items[-limit:]
    return b"".join(_PACKED.pack(key, *entry) for key, entry in items)
