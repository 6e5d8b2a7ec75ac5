"""Distinct customers in a sliding window of buckets, without counting anybody twice and without recounting."""

from collections.abc import Iterator

from services.classifier.outages.rules import WINDOW_BUCKETS


class DistinctWindow:
    """Distinct customers of one series in the last six buckets.

    Each customer is counted in the latest bucket they were seen in, so that the window's count is a sum of six numbers.
    Taking the same observation again changes nothing.

    >>> window = DistinctWindow(copies_that_count=3)
    >>> window.add("k1_a", 100), window.add("k1_a", 100), window.add("k1_b", 101)
    (True, False, True)
    >>> window.count(101), window.count(106), window.count(107)
    (2, 1, 0)
    """

    __slots__ = ("_buckets", "_copies", "_copies_that_count", "_last")

    def __init__(self, copies_that_count: int) -> None:
        self._copies_that_count = copies_that_count
        self._last: dict[str, int] = {}
        self._buckets: dict[int, dict[str, str | None]] = {}
        self._copies: dict[str, int] = {}

    def add(self, customer: str, bucket: int, text_key: str | None = None) -> bool:
        """Count a customer in a bucket; whether that changed anything.

        Of customers who share a long text (`text_key`) only the first few count: a storm of copies is no crowd.
        """
        last = self._last.get(customer)
        if last is not None:
            if last >= bucket:
                return False
            self._buckets[bucket if bucket in self._buckets else self._open(bucket)][customer] = self._buckets[
                last
            ].pop(customer)
            self._last[customer] = bucket
            return True
        if text_key is not None:
            copies = self._copies.get(text_key, 0)
            if copies >= self._copies_that_count:
                return False
            self._copies[text_key] = copies + 1
        self._last[customer] = bucket
        self._buckets[bucket if bucket in self._buckets else self._open(bucket)][customer] = text_key
        return True

    def count(self, bucket: int) -> int:
        """Distinct customers in the window that ends with a bucket no older than the latest one seen."""
        return sum(
            len(customers) for start, customers in self._buckets.items() if bucket - WINDOW_BUCKETS < start <= bucket
        )

    def in_bucket(self, bucket: int) -> int:
        """Customers whose latest bucket this is."""
        return len(self._buckets.get(bucket, ()))

    def customers(self, first: int, last: int) -> Iterator[str]:
        """Customers whose latest bucket is from `first` to `last`."""
        for start, customers in self._buckets.items():
            if first <= start <= last:
                yield from customers

    def forget_before(self, bucket: int) -> bool:
        """Drop customers not seen since `bucket`; whether none are left."""
        for start in [start for start in self._buckets if start < bucket]:
            for customer, text_key in self._buckets.pop(start).items():
                del self._last[customer]
                if text_key is not None:
                    self._forget_copy(text_key)
        return not self._last

    def _open(self, bucket: int) -> int:
        self._buckets[bucket] = {}
        return bucket

    def _forget_copy(self, text_key: str) -> None:
        left = self._copies.get(text_key, 0) - 1
        if left > 0:
            self._copies[text_key] = left
        else:
            self._copies.pop(text_key, None)
