"""One set of spans out of all findings."""

from collections.abc import Iterable
from operator import itemgetter

from services.cleaner.masking.spans import TYPES, Finding

_MOST = 64
_PLACE = itemgetter(0, 1)
_ORDER = {name: place for place, name in enumerate(TYPES)}


def union(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without overlaps, in order of the text: the longest wins, then the surer, then the order of TYPES.

    What a loser covers beyond the winner is kept as a finding of its own: everything that was found is masked.
    """
    found = sorted(findings, key=_PLACE)
    result: list[Finding] = []
    cluster: list[Finding] = []
    end = 0
    for finding in found:
        if cluster and finding.start >= end:
            result += _resolved(cluster)
            cluster = []
        cluster.append(finding)
        end = max(end, finding.end) if len(cluster) > 1 else finding.end
    return result + _resolved(cluster)


def _resolved(cluster: list[Finding]) -> list[Finding]:
    """One cluster of findings that overlap in a chain."""
    if len(cluster) < 2:
        return cluster
    ranked = sorted(cluster, key=lambda f: (f.start - f.end, -f.confidence, _ORDER[f.type]))
    if len(ranked) > _MOST:
        # No honest text does this: one mask over all of it, and no work that grows with the square.
        return [ranked[0]._replace(start=cluster[0].start, end=max(f.end for f in cluster), replacement=None)]
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
            whole = (start, end) == (finding.start, finding.end)
            kept.append(finding if whole else finding._replace(start=start, end=end, replacement=None))
    return sorted(kept, key=_PLACE)
