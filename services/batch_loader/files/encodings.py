"""Which encoding a file's text has, from its first bytes."""

import codecs
import re
from dataclasses import dataclass

SAMPLE_BYTES = 1 << 18

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Well-formed multi-byte sequences of UTF-8 (Unicode 16, table 3-7).
_MULTI_BYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to turn a file's bytes into text."""

    name: str
    """Python's name: utf-8, cp1252, utf-16-le ..."""
    bom: int = 0
    """Bytes of the byte order mark to skip."""
    fallback: str | None = None
    """Tried for a line that is not in `name`; None: such a line is faulty."""

    @property
    def wide(self) -> bool:
        """Whether a line feed takes more than one byte."""
        return self.name.startswith(("utf-16", "utf-32"))


def detect(sample: bytes) -> Encoding:
    """The encoding of a file that begins with `sample` (SAMPLE_BYTES are enough).

    A mark decides; then the zeros that UTF-16 puts beside ASCII; then whether the bytes above 127 are more often
    well-formed UTF-8 or not. A file that is ASCII so far is read as UTF-8, and a line that is none as Windows-1252.

    >>> detect("Agbára, ₦500".encode()).name, detect("réseau très lent à Kétou".encode("cp1252")).name
    ('utf-8', 'cp1252')
    >>> detect("a,b".encode("utf-16")).name
    'utf-16-le'
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return Encoding(name, len(bom))
    wide = _wide(sample)
    if wide:
        return Encoding(wide)
    good = _MULTI_BYTE.findall(sample)
    high = len(_HIGH.findall(sample))
    bad = high - sum(map(len, good))
    if bad > len(good) + 3:  # 3: a sequence cut by the end of the sample
        return Encoding("cp1252")
    if good:
        return Encoding("utf-8")
    return Encoding("cp1252") if bad > 3 else Encoding("utf-8", fallback="cp1252")


def named(name: str, sample: bytes) -> Encoding:
    """An encoding that configuration names; a byte order mark is skipped all the same."""
    codec = codecs.lookup(name).name
    found = detect(sample[:4])
    return Encoding(found.name, found.bom) if found.bom else Encoding("utf-16-le" if codec == "utf-16" else codec)


def _wide(sample: bytes) -> str | None:
    even, odd = sample[0:4_096:2].count(0), sample[1:4_096:2].count(0)
    half = max(1, min(len(sample), 4_096) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None
