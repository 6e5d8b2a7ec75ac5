"""Lists of texts as plain NumPy arrays, so that models need no pickle."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def pack(texts: Sequence[str]) -> Bytes:
    """The texts as UTF-8 bytes, one a line. No text may hold a line end."""
    return np.frombuffer("\n".join(texts).encode("utf-8"), dtype=np.uint8)


def unpack(data: Bytes) -> list[str]:
    """The texts of pack().

    >>> unpack(pack(["ada", "obi"]))
    ['ada', 'obi']
    """
    return data.tobytes().decode("utf-8").split("\n")
