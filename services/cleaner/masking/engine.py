"""The masking engine."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Self

from services.cleaner.masking.clues import Clues
from services.cleaner.masking.fields import mask_of
from services.cleaner.masking.folding import fold
from services.cleaner.masking.language import LanguageIdentifier
from services.cleaner.masking.numbers import find_numbers
from services.cleaner.masking.patterns import Patterns
from services.cleaner.masking.people import People
from services.cleaner.masking.recognisers import KINDS, NUMBERS, PATTERNS
from services.cleaner.masking.recognisers.base import NumberRecogniser, PatternRecogniser
from services.cleaner.masking.spans import Finding, MaskedText, Span
from services.cleaner.masking.tagger import Tagger
from services.cleaner.masking.tokens import HIDDEN, tokens_of
from services.cleaner.masking.union import union
from services.domain.identity import canonical_account, canonical_email, canonical_msisdn
from services.domain.places import Gazetteer


class Masker:
    """Masks personal data in texts. Thread-safe: it holds no state between calls but caches of words.

    >>> Masker.load().mask("call 08031234567 or 0803 123 4567").text
    'call [PHONE_1] or [PHONE_1]'
    """

    def __init__(
        self,
        numbers: Sequence[NumberRecogniser],
        patterns: Sequence[PatternRecogniser],
        tagger: Tagger,
        places: Collection[str],
        languages: LanguageIdentifier,
    ) -> None:
        self._people = People(tagger, places)
        self._languages = languages
        self._numbers = tuple(numbers)
        self._patterns = Patterns(patterns)

    @classmethod
    def load(cls) -> Self:
        """The engine with all recognisers of the registry."""
        return cls(NUMBERS, PATTERNS, Tagger.load(), Gazetteer.load().names(), LanguageIdentifier.load())

    def mask(self, text: str) -> MaskedText:
        """The text with [TYPE_n] in place of personal data.

        Raises UnicodeError where the text holds lone surrogates.
        """
        folded = fold(text)
        findings, language = self._findings(folded.scan)
        if not findings:
            return MaskedText(unicodedata.normalize("NFC", text), language=language)
        return _masked(text, [(folded.original(f.start, f.end), f) for f in findings], language)

    def mask_batch(self, texts: Iterable[str]) -> list[MaskedText]:
        """mask() of each text, in order."""
        return [self.mask(text) for text in texts]

    def mask_field(self, kind: str, value: str) -> str:
        """A structured field, masked by what it is: a kind of KINDS_OF_FIELDS, or "text" for free text.

        >>> Masker.load().mask_field("email", "ada@example.com")
        '[EMAIL_1]'
        """
        return self.mask(value).text if kind == "text" else mask_of(kind, value)

    def _findings(self, scan: str) -> tuple[list[Finding], str]:
        """What is personal in the text, in order and without overlaps; and its language."""
        clues = Clues(scan)
        found = find_numbers(clues, self._numbers)
        found += self._patterns.find(clues)
        if found:
            found = union(found)
        shown = _hidden(scan, found)
        tokens = tokens_of(shown)
        language = self._languages.identify(tokens)
        people = self._people.find(shown, tokens, numbered=clues.digits > 0, language=language)
        return (union([*found, *people]) if people else found), language


def _hidden(scan: str, found: Sequence[Finding]) -> str:
    """The text with what was found already out of sight: numbers are no names and no addresses."""
    if not found:
        return scan
    pieces: list[str] = []
    at = 0
    for finding in found:
        pieces += (scan[at : finding.start], HIDDEN * (finding.end - finding.start))
        at = finding.end
    pieces.append(scan[at:])
    return "".join(pieces)


def _masked(text: str, places: list[tuple[tuple[int, int], Finding]], language: str) -> MaskedText:
    pieces: list[str] = []
    spans: list[Span] = []
    counts: dict[str, int] = {}
    numbers: dict[tuple[str, str], int] = {}
    seen: dict[str, int] = {}
    identifiers: dict[tuple[str, str], None] = {}
    at = 0
    for (start, end), finding in places:
        kind = finding.type
        value = _identity(finding)
        number = numbers.get((kind, value))
        if number is None:
            seen[kind] = number = seen.get(kind, 0) + 1
            numbers[kind, value] = number
        counts[kind] = counts.get(kind, 0) + 1
        pieces += (text[at:start], finding.replacement or f"[{kind}_{number}]")
        spans.append(Span(start, end, kind, finding.confidence))
        if kind in KINDS and value:
            identifiers[KINDS[kind], value] = None
        at = end
    pieces.append(text[at:])
    masked = unicodedata.normalize("NFC", "".join(pieces))
    return MaskedText(masked, tuple(spans), counts, tuple(identifiers), language)


def _identity(finding: Finding) -> str:
    """The canonical value by which two mentions are the same, and by which pseudonyms are made."""
    if finding.type == "PHONE":
        return canonical_msisdn(finding.value) or finding.value
    if finding.type == "EMAIL":
        return canonical_email(finding.value) or finding.value
    if finding.type == "ACCOUNT":
        return canonical_account(finding.value) or finding.value
    return finding.value
