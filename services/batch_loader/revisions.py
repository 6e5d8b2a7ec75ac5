"""Whether a row is new, changed or known, and which revision it is."""

from typing import NamedTuple

from services.batch_loader.manifest.row_index import RowState


class Revision(NamedTuple):
    """A row that is to be sent."""

    action: str
    revision_no: int
    revised_at: int


def decide(
    known: RowState | None, content: int, occurred_at: int, revised_at: int | None, now: int, step: int
) -> Revision | None:
    """The revision that a row is, or None where its content was loaded before. Times in ms UTC.

    step: see Manifest.begin. A load that broke off may have sent a revision that the manifest does not know; if the
    file has changed since, the next number would be taken twice for different content, and whoever drops redeliveries
    by id would drop the change. So numbers skip as many as there were such loads. Gaps mean nothing: the highest is
    the latest.

    A source's own time of change is believed where it moves forward; else the change is as old as its discovery.

    >>> decide(None, 7, 1000, None, 5000, 0)
    Revision(action='created', revision_no=0, revised_at=1000)
    >>> decide(RowState(7, 0, 1000), 8, 1000, 3000, 5000, 0)
    Revision(action='updated', revision_no=1, revised_at=3000)
    """
    if known is None:
        return Revision("created", step, occurred_at if revised_at is None else max(occurred_at, revised_at))
    if known.content == content:
        return None
    if revised_at is None or revised_at <= known.revised_at:
        revised_at = max(now, known.revised_at + 1)
    return Revision("updated", known.revision_no + 1 + step, revised_at)
