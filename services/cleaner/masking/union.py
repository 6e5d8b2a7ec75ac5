"""One set of spans out of all findings."""

from collections.abc import Iterable

from services.cleaner.masking.spans import TYPES, Finding

_ORDER = {name: place for place, name in enumerate(TYPES)}


def union(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without overlaps, in order of the text: the longest wins, then the surer, then the order of TYPES.

    What a loser covers beyond the winner is kept as a finding of its own: everything that was found is masked.
    """
    ranked = sorted(findings, key=lambda f: (f.start - f.end, -f.confidence, _ORDER[f.type]))
    kept: list[Finding] = []
    for finding in ranked:
        start, end = finding.start, finding.end
        for other in kept:
            if other.start < end and start < other.end:
                if other.start <= start:
                    start = other.end
                else:
                    end = other.start
                if start >= end:
                    break
        if start < end:
            rest = (
                finding
                if (start, end) == (finding.start, finding.end)
                else finding._replace(start=start, end=end, replacement=None)
            )
            kept.append(rest)
    return sorted(kept)
