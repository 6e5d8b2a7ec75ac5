"""Prints what came of it: tables on a terminal, the same in plain text elsewhere."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from demo.found import LEDGER_COUNTS, Found
from demo.plan import Expected
from services.domain.vocabulary import CHANNELS, PRIORITIES


def show(console: Console, expected: Expected, found: Found, balance: str) -> None:
    """All of it. balance: what the reconciliation said last."""
    console.print()
    console.print(_by_channel(expected, found))
    console.print(_side_by_side("Categories", found.categories, "Languages", found.languages))
    _lines(console, expected, found)
    console.print(_ledger(found))
    console.print(f"\nreconciliation: {balance}", highlight=False)


def _by_channel(expected: Expected, found: Found) -> Table:
    table = Table(title="Complaints by channel and priority (repeats left out)", title_justify="left")
    table.add_column("channel")
    for name in ("sent", "events", *PRIORITIES, "all"):
        table.add_column(name, justify="right")
    for channel in CHANNELS:
        if not expected.events[channel] and not found.events[channel]:
            continue
        counts = [found.complaints.get((channel, priority), 0) for priority in PRIORITIES]
        table.add_row(
            channel,
            str(expected.events[channel]),
            str(found.events[channel]),
            *(str(count or "") for count in counts),
            str(sum(counts)),
        )
    totals = [sum(found.complaints.get((c, priority), 0) for c in CHANNELS) for priority in PRIORITIES]
    table.add_section()
    table.add_row(
        "all",
        str(expected.events.total()),
        str(found.events.total()),
        *map(str, totals),
        str(sum(totals)),
    )
    return table


def _side_by_side(left: str, counts: Counter[str], right: str, others: Counter[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    table.add_column(left)
    table.add_column("", justify="right")
    table.add_column(right)
    table.add_column("", justify="right")
    first, second = counts.most_common(), others.most_common()
    for row in range(max(len(first), len(second))):
        cells: list[str] = []
        for column in (first, second):
            cells += [column[row][0], str(column[row][1])] if row < len(column) else ["", ""]
        table.add_row(*cells)
    return table


def _lines(console: Console, expected: Expected, found: Found) -> None:
    def line(name: str, text: str) -> None:
        console.print(f"{name:<22}{text}", highlight=False)

    console.print()
    line("no complaints", f"{found.no_complaint} (praise, questions, adverts)")
    right, compared = found.as_meant
    line("category as meant", f"{right} of {compared} SMS and posts without personal data")
    line("redeliveries dropped", str(found.redelivered))
    line("reposts marked", str(found.reposts))
    line("refused at the door", f"{expected.refused} requests (4xx)")
    line("dead letters", ", ".join(f"{count} {reason}" for reason, count in found.dead.most_common()) or "none")
    line("masked", ", ".join(f"{count} {kind}" for kind, count in found.masks.most_common()) or "nothing")
    for incident in found.incidents:
        places = ", ".join(incident.lgas)
        since = incident.started_at.strftime("%H:%M")
        line(
            "incident",
            f"{incident.cluster} in {places}: {incident.customers} customers since {since} UTC, {incident.status}",
        )
    if not found.incidents:
        line("incident", "none")
    for lane, (middle, tail) in sorted(found.latency.items(), reverse=True):
        line(f"latency, {lane}", f"median {middle:.2f} s, 95 % within {tail:.2f} s (accepted to queryable)")
    console.print()


def _ledger(found: Found) -> Table:
    table = Table(title="Ledger (read + split = the rest)", title_justify="left")
    table.add_column("service")
    for name in LEDGER_COUNTS:
        table.add_column(name, justify="right")
    for service, counts in found.ledger.items():
        table.add_row(service, *(str(counts[name] or "") for name in LEDGER_COUNTS))
    return table
