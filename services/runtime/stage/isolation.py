"""Keeps one bad record from stopping a batch: finds it, sets it aside, and lets the rest through."""

import logging
from collections.abc import Sequence

from services.domain.vocabulary import IGNORED_REASONS
from services.runtime.deadletters import GROUP_HEADER
from services.runtime.errors import BrokerBusy, FatalStageError
from services.runtime.stage.records import WRITTEN, Failure, Handler, Outcomes, Record
from services.runtime.stage.transaction import too_large

_log = logging.getLogger(__name__)


def handled(handler: Handler, records: Sequence[Record], lane: str, now: int, group: str) -> Outcomes:
    """Outcomes of a batch, with records that the handler cannot stand, or whose output is too large, set aside as dead.

    Records that were replayed for another group are ignored. BrokerBusy passes through: the batch is tried again later.
    FatalStageError when the batch fails as a whole though none of its records fails alone.
    """
    ours, others = _split(records, group)
    outcomes = _safely(handler, ours, lane, now)
    for record in others:
        outcomes.append_ignored(record, "other_group")
    return outcomes


def _safely(handler: Handler, records: Sequence[Record], lane: str, now: int) -> Outcomes:
    try:
        outcomes = _checked(handler.handle(records, lane, now))
        large = too_large(outcomes)
        if not large:
            return outcomes
        bad = {index: Failure("oversize", detail) for index, detail in large.items()}
    except (BrokerBusy, FatalStageError):
        raise
    except Exception as error:
        bad = _failing(handler, records, lane, now)
        if not bad:
            raise FatalStageError(
                f"a batch failed as a whole ({type(error).__name__}), none of its records alone"
            ) from error
        _log.exception("records set aside", extra={"records": len(bad)})
    rest = _safely(handler, [record for index, record in enumerate(records) if index not in bad], lane, now)
    for index, failure in bad.items():
        rest.append_dead(records[index], failure)
    return rest


def _failing(handler: Handler, records: Sequence[Record], lane: str, now: int) -> dict[int, Failure]:
    """The records that fail alone. handle() changes no state, so it may be asked as often as needed."""
    bad = {}
    for index, record in enumerate(records):
        try:
            _checked(handler.handle([record], lane, now))
        except (BrokerBusy, FatalStageError):
            raise
        except Exception as error:
            bad[index] = Failure("handler_failed", f"the handler raised {type(error).__name__}")
    return bad


def _checked(outcomes: Outcomes) -> Outcomes:
    """Raise ValueError when a record has no outcome, two, or an unknown reason: better now than in the ledger."""
    if any((mains == 0) == (fate == WRITTEN) for mains, fate in zip(outcomes.mains, outcomes.fates, strict=True)):
        raise ValueError("a record has no outcome, or was both written and not")
    for reason in outcomes.ignored_for.values():
        if reason not in IGNORED_REASONS:
            raise ValueError(f"{reason} is not in the closed list of reasons to ignore")
    return outcomes


def _split(records: Sequence[Record], group: str) -> tuple[Sequence[Record], list[Record]]:
    others = [record for record in records if record.headers and _for_another(record.headers, group)]
    if not others:
        return records, []
    return [record for record in records if not (record.headers and _for_another(record.headers, group))], others


def _for_another(headers: list[tuple[str, bytes | None]], group: str) -> bool:
    return any(name == GROUP_HEADER and value != group.encode() for name, value in headers)
