"""Spoils files in the ways that transfers, editors and crashes do."""

import random
from collections.abc import Iterator

TOKENS = [
    *[bytes([n]) for n in b"\"\n\r\x00\xff,;\t|\\{}[]'\x1a"],
    *[b'""', b"\r\n", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x82", b"1e999", b"-1", b"NaN", b"2024-13-45"],
    *[b"A" * 2_000, b"\n" * 50, b'"' * 31, b"," * 40],
]


def mutated(data: bytes, count: int, seed: int = 1) -> Iterator[bytes]:
    """So many spoilt copies of a file, each by one to six mutations; the same for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        spoilt = bytearray(data)
        for _ in range(dice.randint(1, 6)):
            _mutate(spoilt, dice)
        yield bytes(spoilt)


def _mutate(data: bytearray, dice: random.Random) -> None:
    if not data:
        return
    at = dice.randrange(len(data))
    end = min(len(data), at + dice.choice((1, 2, 5, 40, 400)))
    kind = dice.randrange(8)
    if kind == 0:
        data[at] ^= 1 << dice.randrange(8)
    elif kind == 1:
        data[at] = dice.randrange(256)
    elif kind == 2:
        del data[at:end]
    elif kind == 3:
        data[at:at] = data[at:end]
    elif kind == 4:
        data[at:at] = dice.choice(TOKENS)
    elif kind == 5:
        data[at:end] = dice.choice(TOKENS)
    elif kind == 6:
        del data[at:]
    else:
        data[at:end] = bytes(dice.randrange(256) for _ in range(end - at))
