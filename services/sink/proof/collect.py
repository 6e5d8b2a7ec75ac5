"""Compares the ledger, the warehouse and Kafka, and gathers what does not agree."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from services.sink.proof.findings import ChannelRow, Finding, HourRow, Kind, Proof
from services.sink.proof.log import MOST_READ, Log, Place
from services.sink.proof.offsets import spans
from services.sink.warehouse import translated

CONSUMERS: Final = {
    "ingest.sms": "ingest-sms",
    "ingest.status": "ingest-sms",
    "ingest.social": "ingest-social",
    "bronze.realtime": "cleaner",
    "bronze.batch": "cleaner",
    "silver.realtime": "classifier",
    "silver.batch": "classifier",
    "gold.realtime": "sink",
    "gold.batch": "sink",
}
"""Topic -> the service, and consumer group, whose ledger entries account for it."""
INGESTED: Final = {
    "ledger": ("ledger_entries", "kafka_partition", "kafka_offset"),
    "dead-letters": ("dead_letter_entries", "letter_partition", "letter_offset"),
}
"""Topics without a ledger of their own -> table and columns that say how far the sink has read them."""
BEGINNING: Final = datetime(1990, 1, 1, tzinfo=UTC)


class Collector:
    """Collects a proof from a warehouse and a cluster."""

    def __init__(self, client: Client, log: Log, since: datetime = BEGINNING) -> None:
        self._client = client
        self._log = log
        self._since = since
        self._proof = Proof()

    def collect(self) -> Proof:
        """The proof as of now. WarehouseAway or BrokerBusy when one of them does not answer."""
        # in this order: what a group has committed was announced before, so the ledger as it ends now must have it
        committed = {group: self._log.committed(group) for group in sorted(set(CONSUMERS.values()))}
        ends = self._log.ends([*CONSUMERS, *INGESTED])
        self._ledger_on_its_way(ends)
        late = bool(self._proof.findings)
        positions = self._positions()
        self._lag(ends, positions)
        if not late:
            self._entries_missing(committed, ends, positions)
        self._hours(late)
        if not late:
            self._breaks()
            self._imbalances()
            self._layers(ends)
            self._unlanded()
            self._letters()
        self._facts()
        self._channels()
        return self._proof

    def _found(
        self, kind: Kind, layer: str, place: Place, records: int, what: str, hour: datetime | None = None
    ) -> None:
        name = f"{place[0]}[{place[1]}]" if place[1] >= 0 else place[0]
        self._proof.findings.append(Finding(kind, layer, name, records, what, hour))

    def _rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with translated("the reconciliation"):
            result = self._client.query(sql, parameters={"since": self._since, **parameters}, tz_mode="aware")
            return [tuple(row) for row in result.result_rows]

    def _ledger_on_its_way(self, ends: dict[Place, tuple[int, int]]) -> None:
        """Entries and letters that are in their topics and not yet in the warehouse."""
        # the newest record may have collapsed into an older row: the group's own position is ahead then
        committed = self._log.committed("sink")
        ranges: dict[Place, tuple[int, int]] = {}
        for topic, (table, partition, offset) in INGESTED.items():
            rows = self._rows(f"SELECT {partition}, max({offset}) + 1 FROM {table} GROUP BY {partition}")  # noqa: S608
            reached = {(topic, int(row[0])): int(row[1]) for row in rows}
            for place, (first, end) in ends.items():
                position = max(reached.get(place, first), committed.get(place, first))
                if place[0] == topic and position < end:
                    ranges[place] = (position, end)
        for place, waiting in sorted(self._log.within(ranges).items()):
            if waiting:
                what = f"offsets from {waiting[0]} on are not in the warehouse yet"
                self._found(Kind.IN_FLIGHT, place[0], place, len(waiting), what)

    def _positions(self) -> dict[Place, int]:
        rows = self._rows("SELECT service, topic, partition, position FROM ledger_positions")
        return {
            (topic, int(partition)): int(position)
            for service, topic, partition, position in rows
            if CONSUMERS.get(topic) == service
        }

    def _lag(self, ends: dict[Place, tuple[int, int]], positions: dict[Place, int]) -> None:
        # behind the last record stands a control record: only reading tells whether anything waits
        ranges = {
            place: (max(positions.get(place, first), first), end)
            for place, (first, end) in ends.items()
            if place[0] in CONSUMERS
        }
        found = self._log.within({place: span for place, span in ranges.items() if span[0] < span[1]})
        for place, waiting in sorted(found.items()):
            if waiting:
                service = CONSUMERS[place[0]]
                what = f"{service} has not accounted for offsets {spans(waiting)} yet"
                self._found(Kind.IN_FLIGHT, place[0].partition(".")[0], place, len(waiting), what)

    def _entries_missing(
        self, positions_of: dict[str, dict[Place, int]], ends: dict[Place, tuple[int, int]], positions: dict[Place, int]
    ) -> None:
        """Groups that stand further than their entries say: the last entries of a partition were lost."""
        for group, places in positions_of.items():
            for place, committed in sorted(places.items()):
                if CONSUMERS.get(place[0]) != group or place not in ends:
                    continue
                first = ends[place][0]
                position = max(positions.get(place, first), first)
                if committed <= position:
                    continue
                skipped = self._log.offsets(place, position, committed)
                if skipped:
                    what = f"{group} committed {committed}, its entries end at {position}: offsets {spans(skipped)}"
                    self._forget_flight(place)
                    self._found(Kind.MISSING, "ledger", place, len(skipped), what)

    def _forget_flight(self, place: Place) -> None:
        """What a group has committed is not on its way any more."""
        name = f"{place[0]}[{place[1]}]"
        self._proof.findings = [
            finding for finding in self._proof.findings if finding.place != name or finding.kind is not Kind.IN_FLIGHT
        ]

    def _hours(self, late: bool) -> None:
        rows = self._rows(
            "SELECT layer, hour, sum(expected), sum(found), sum(missing), sum(surplus), sum(in_flight) "
            "FROM reconciliation_parts WHERE hour >= {since:DateTime64(3, 'UTC')} "
            "GROUP BY layer, hour ORDER BY hour, layer"
        )
        for layer, hour, expected, found, missing, surplus, in_flight in rows:
            if late and layer != "facts":
                in_flight, missing, surplus = in_flight + missing + surplus, 0, 0
            self._proof.hours.append(HourRow(layer, hour, expected, found, missing, surplus, in_flight))

    def _breaks(self) -> None:
        rows = self._rows(
            "SELECT service, topic, partition, hour, expected, from_position, positions FROM ledger_breaks "
            "WHERE hour >= {since:DateTime64(3, 'UTC')} ORDER BY service, topic, partition, from_position"
        )
        for service, topic, partition, hour, expected, start, positions in rows:
            place = (topic, int(partition))
            if positions > 0:
                named = self._log.offsets(place, int(expected), int(start))
                offsets = spans(named) or "expired"
                what = f"no entry of {service} covers positions {expected}-{start - 1}: offsets {offsets}"
                self._found(Kind.MISSING, "ledger", place, len(named) or int(positions), what, hour)
            else:
                what = f"entries of {service} overlap at positions {start}-{expected - 1}"
                self._found(Kind.DOUBLED, "ledger", place, -int(positions), what, hour)

    def _imbalances(self) -> None:
        rows = self._rows(
            "SELECT service, topic, partition, hour, from_position, to_position, records FROM ledger_imbalances "
            "WHERE hour >= {since:DateTime64(3, 'UTC')}"
        )
        for service, topic, partition, hour, start, end, records in rows:
            kind = Kind.MISSING if records > 0 else Kind.DOUBLED
            what = f"an entry of {service} for positions {start}-{end - 1} accounts for {records} fewer than it read"
            self._found(kind, "ledger", (topic, int(partition)), abs(int(records)), what, hour)

    def _layers(self, ends: dict[Place, tuple[int, int]]) -> None:
        """What a layer's services appended and the next did not read, or the other way round."""
        rows = self._rows(
            """
            WITH
                outs AS (SELECT * FROM ledger_outputs WHERE topic IN {topics:Array(String)}),
                ins AS (
                    SELECT topic, partition, hour, sum(records) AS records FROM ledger_inputs
                    WHERE (service, topic) IN {consumers:Array(Tuple(String, String))} GROUP BY topic, partition, hour),
                positions AS (
                    SELECT topic, partition, max(position) AS position FROM ledger_positions
                    WHERE (service, topic) IN {consumers:Array(Tuple(String, String))} GROUP BY topic, partition)
            SELECT topic, partition, hour, toInt64(outs.records) AS expected, toInt64(ins.records) AS found,
                last_offset, position
            FROM outs
            FULL OUTER JOIN ins USING (topic, partition, hour)
            LEFT JOIN positions USING (topic, partition)
            WHERE expected != found AND hour >= {since:DateTime64(3, 'UTC')}
            ORDER BY topic, partition, hour
            """,
            topics=[topic for topic in CONSUMERS if not topic.startswith("ingest.")],
            consumers=[(service, topic) for topic, service in CONSUMERS.items() if not topic.startswith("ingest.")],
        )
        for topic, partition, hour, expected, found, last, position in rows:
            layer, place = topic.partition(".")[0], (topic, int(partition))
            if found > expected:
                if layer != "bronze":
                    what = f"{CONSUMERS[topic]} read {found} records of this hour, {expected} were announced"
                    self._found(Kind.DOUBLED, layer, place, int(found - expected), what, hour)
            elif position > last:
                what = f"{expected} records were announced for this hour, {CONSUMERS[topic]} read {found}"
                if place not in ends:
                    what += "; the topic is gone"
                self._found(Kind.MISSING, layer, place, int(expected - found), what, hour)

    def _unlanded(self) -> None:
        rows = self._rows(
            "SELECT topic, partition, hour, expected, found FROM unlanded WHERE hour >= {since:DateTime64(3, 'UTC')}"
        )
        for topic, partition, hour, expected, found in rows:
            place = (topic, int(partition))
            named = self._names(place, hour, "missing" if found < expected else "extra")
            what = (
                f"the sink wrote {expected} records of this hour, {found} landed: offsets {spans(named) or 'unknown'}"
            )
            kind = Kind.MISSING if found < expected else Kind.DOUBLED
            self._found(kind, "warehouse", place, abs(int(expected) - int(found)), what, hour)

    def _names(self, place: Place, hour: datetime, which: str) -> set[int]:
        """Offsets of an hour's records that did not land ("missing"), or landed outside the sink's ranges ("extra")."""
        topic, partition = place
        ranges = self._rows(
            "SELECT from_position, to_position FROM ledger "
            "WHERE service = 'sink' AND topic = {topic:String} AND partition = {partition:Int32} "
            "AND log_hour = {hour:DateTime64(3, 'UTC')}",
            topic=topic,
            partition=partition,
            hour=hour,
        )
        landed = {
            int(row[0])
            for row in self._rows(
                "SELECT offset FROM landed WHERE topic = {topic:String} AND partition = {partition:UInt16} "
                "AND toStartOfHour(logged_at) = {hour:DateTime('UTC')}",
                topic=topic,
                partition=partition,
                hour=hour,
            )
        }
        if which == "extra":
            return {offset for offset in landed if not any(start <= offset < end for start, end in ranges)}
        dead = {
            int(row[0])
            for row in self._rows(
                "SELECT offset FROM dead_letters "
                "WHERE group = 'sink' AND topic = {topic:String} AND partition = {partition:Int32}",
                topic=topic,
                partition=partition,
            )
        }
        there: set[int] = set()
        for start, end in ranges:
            there.update(self._log.offsets(place, int(start), int(end)))
        return there - landed - dead

    def _letters(self) -> None:
        rows = self._rows("SELECT service, topic, partition, expected, found, youngest FROM letters_missing")
        for service, topic, partition, expected, found, youngest in rows:
            what = f"{service} counts {expected} dead records, {found} letters arrived"
            self._found(
                Kind.MISSING, "dead-letters", (topic, int(partition)), int(expected) - int(found), what, youngest
            )

    def _facts(self) -> None:
        for view, kind, what in (
            ("facts_missing", Kind.MISSING, "landed, and no longer among the facts: offsets"),
            ("facts_foreign", Kind.DOUBLED, "among the facts, and no gold record brought them: offsets"),
            ("facts_doubled", Kind.DOUBLED, "twice among the facts, beneath what views show: offsets"),
        ):
            grouped: dict[tuple[str, int, datetime], list[int]] = defaultdict(list)
            rows = self._rows(
                f"SELECT topic, partition, offset, logged_at FROM {view} "  # noqa: S608
                f"WHERE logged_at >= {{since:DateTime64(3, 'UTC')}} LIMIT {MOST_READ}"
            )
            for topic, partition, offset, logged_at in rows:
                grouped[topic, int(partition), _hour(logged_at)].append(int(offset))
            for (topic, partition, hour), offsets in sorted(grouped.items()):
                self._found(kind, "facts", (topic, partition), len(offsets), f"{what} {spans(offsets)}", hour)

    def _channels(self) -> None:
        rows = self._rows(
            """
            SELECT hour, channel, sumIf(n, layer = 'cleaner') AS silver, sumIf(n, layer = 'classifier') AS gold,
                sumIf(n, layer = 'landed') AS landed
            FROM (
                SELECT log_hour AS hour, pair.1 AS channel, service AS layer, pair.2 AS n
                FROM ledger ARRAY JOIN arrayZip(mapKeys(channels), mapValues(channels)) AS pair
                WHERE service IN ('cleaner', 'classifier')
                UNION ALL
                SELECT toDateTime64(toStartOfHour(logged_at), 3, 'UTC'), channel, 'landed', toUInt64(1)
                FROM landed FINAL)
            WHERE hour >= {since:DateTime64(3, 'UTC')}
            GROUP BY hour, channel ORDER BY hour, channel
            """
        )
        self._proof.channels = [ChannelRow(*row) for row in rows]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def hours_of(rows: Iterable[HourRow]) -> list[datetime]:
    """The hours that occur, ascending."""
    return sorted({row.hour for row in rows})
