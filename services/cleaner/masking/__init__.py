"""Masking of personal data: usable alone, without Kafka.

>>> from services.cleaner.masking import Masker
>>> Masker.load().mask("my PUK is 12345678").text
'my PUK is [PIN_1]'
"""

from services.cleaner.masking.engine import Masker
from services.cleaner.masking.spans import TYPES, MaskedText, Span

__all__ = ["TYPES", "MaskedText", "Masker", "Span"]
