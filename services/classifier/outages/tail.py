"""The upper tail of the negative binomial distribution, in plain Python: some microseconds, no scipy."""

import math

_LEAST_TERM = 1e-12
"""Relative size at which the sum over the tail may stop."""


def upper_tail(count: float, mean: float, dispersion: float) -> float:
    """P(X >= count) for a negative binomial X of this mean and of variance dispersion x mean; Poisson at dispersion 1.

    Counts at or below the mean give 1.0: nobody asks how usual they are.

    >>> round(upper_tail(10, 2.0, 1.0) * 1e5, 2)
    4.65
    >>> upper_tail(10, 2.0, 3.0) > upper_tail(10, 2.0, 1.0)
    True
    """
    if count <= mean or count <= 0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    if dispersion < 1.0 + 1e-9:
        return _poisson(count, mean)
    size = mean / (dispersion - 1.0)
    odds = 1.0 - 1.0 / dispersion
    log_first = (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1.0)
        - size * math.log(dispersion)
        + count * math.log(odds)
    )
    total = term = 1.0
    k = count
    while term > _LEAST_TERM * total:
        term *= odds * (k + size) / (k + 1.0)
        total += term
        k += 1.0
    return min(1.0, math.exp(min(0.0, log_first + math.log(total))))


def _poisson(count: float, mean: float) -> float:
    log_first = count * math.log(mean) - mean - math.lgamma(count + 1.0)
    total = term = 1.0
    k = count
    while term > _LEAST_TERM * total:
        k += 1.0
        term *= mean / k
        total += term
    return min(1.0, math.exp(min(0.0, log_first + math.log(total))))
