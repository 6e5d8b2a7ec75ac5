"""The proof on a terminal: hour by hour, channel by channel, and what is missing by name."""

from collections import defaultdict
from datetime import datetime

from rich.console import Console
from rich.table import Table

from services.sink.proof.findings import Kind, Proof

LAYERS = ("bronze", "silver", "gold", "warehouse", "facts", "ledger", "dead-letters")


def show(proof: Proof, console: Console, hours: int = 48) -> None:
    """Print a proof: the last `hours` hours of the log that have records, all findings, and the verdict last."""
    if proof.hours:
        console.print(_hours(proof, hours))
    if proof.channels:
        console.print(_channels(proof))
    if proof.findings:
        console.print(_findings(proof))
    console.print(proof.verdict(), highlight=False, style="red" if proof.wrong else None)


def _hours(proof: Proof, limit: int) -> Table:
    by_hour: dict[datetime, dict[str, str]] = defaultdict(dict)
    for row in proof.hours:
        text = f"{row.found}/{row.expected}" if row.found != row.expected else f"{row.found}"
        if row.missing:
            text += f" -{row.missing}"
        if row.surplus:
            text += f" +{row.surplus}"
        if row.in_flight:
            text += f" ~{row.in_flight}"
        by_hour[row.hour][row.layer] = f"[red]{text}[/red]" if row.missing or row.surplus else text
    table = Table(
        title="Hour by hour: found, or found/announced; - missing, + doubled, ~ in flight", title_justify="left"
    )
    table.add_column("hour of the log (UTC)")
    layers = [layer for layer in LAYERS if any(layer in cells for cells in by_hour.values())]
    for layer in layers:
        table.add_column(layer, justify="right")
    shown = sorted(by_hour)[-limit:]
    for hour in shown:
        table.add_row(f"{hour:%Y-%m-%d %H:00}", *(by_hour[hour].get(layer, "") for layer in layers))
    return table


def _channels(proof: Proof) -> Table:
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in proof.channels:
        for index, count in enumerate((row.silver, row.gold, row.landed)):
            totals[row.channel][index] += count
    table = Table(title="Channel by channel", title_justify="left")
    table.add_column("channel")
    for name in ("silver", "gold", "landed"):
        table.add_column(name, justify="right")
    for channel, counts in sorted(totals.items()):
        table.add_row(channel, *map(str, counts))
    return table


def _findings(proof: Proof) -> Table:
    table = Table(title="What does not balance", title_justify="left", show_lines=False)
    for name in ("verdict", "layer", "where", "hour", "records", "what"):
        table.add_column(name, justify="right" if name == "records" else "left", overflow="fold")
    for finding in proof.findings:
        style = None if finding.kind is Kind.IN_FLIGHT else "red"
        hour = f"{finding.hour:%Y-%m-%d %H:00}" if finding.hour else ""
        table.add_row(
            finding.kind.value, finding.layer, finding.place, hour, str(finding.records), finding.what, style=style
        )
    return table
