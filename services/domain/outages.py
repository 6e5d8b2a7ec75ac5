"""Which complaints tell of an outage: categories by cluster. Shared by the classifier and the warehouse."""

from typing import Final

CLUSTERS: Final = {
    "network_outage": "network",
    "network_quality": "network",
    "internet_data": "internet",
    "recharge_topup": "service",
}
"""Category -> cluster. A fault of the network, of data, or of the recharge platform hits many customers at once."""


def cluster_of(category: str) -> str | None:
    """The cluster of a category; None where bursts of it tell of no outage.

    >>> cluster_of("network_outage"), cluster_of("promotions")
    ('network', None)
    """
    return CLUSTERS.get(category)
