"""Whether a row is new, changed or known, and which revision it is."""

from typing import NamedTuple

from services.batch_loader.manifest.row_index import RowState


class Revision(NamedTuple):
    """A row that is to be sent."""

    action: str
    revision_no: int
    revised_at: int


def decide(known: RowState | None, content: int, occurred_at: int, revised_at: int | None, now: int) -> Revision | None:
    """The revision that a row is, or None where its content was loaded before. Times in ms UTC.

    What a run that broke off may have sent is sent again under the same number while the content is the same, so that
    the second delivery is recognised; other content gets the next number.

    A source's own time of change is believed where it moves forward; else the change is as old as its discovery.

    >>> decide(None, 7, 1000, None, 5000)
    Revision(action='created', revision_no=0, revised_at=1000)
    >>> decide(RowState(7, 0, 1000), 8, 1000, 3000, 5000)
    Revision(action='updated', revision_no=1, revised_at=3000)
    >>> decide(RowState(8, 1, 3000, sure=False), 8, 1000, 3000, 5000)
    Revision(action='updated', revision_no=1, revised_at=3000)
    """
    if known is None:
        return Revision("created", 0, occurred_at if revised_at is None else max(occurred_at, revised_at))
    if known.content == content:
        if known.sure:
            return None
        return Revision("updated" if known.revision_no else "created", known.revision_no, known.revised_at)
    if revised_at is None or revised_at <= known.revised_at:
        revised_at = max(now, known.revised_at + 1)
    return Revision("updated", known.revision_no + 1, revised_at)
