"""A mapping that works out what it is asked for and remembers it, as long as there is room."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memo(dict[str, Value], Generic[Value]):
    """Text to what a function says of it. At most size short texts are kept: hostile input cannot fill the memory.

    Its item access runs in C for a text that is known, which is why it is a dict: `map(memo.__getitem__, tokens)`.

    >>> lengths = Memo(len)
    >>> lengths["ada"], "ada" in lengths
    (3, True)
    """

    __slots__ = ("_function", "_size")

    def __init__(self, function: Callable[[str], Value], size: int = 100_000) -> None:
        self._function = function
        self._size = size

    def __missing__(self, text: str) -> Value:
        value = self._function(text)
        if len(self) < self._size and len(text) <= _LONGEST:
            self[text] = value
        return value


_LONGEST = 40
