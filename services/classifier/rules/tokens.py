"""Text to normalised tokens: spelling folded, SMS spelling undone, numbers replaced by what they are.

`<amt>` is an amount of money, `<amtbig>` one of NGN 20,000 and more, `<vol>` a data volume, `<n>` another number;
`<phone>`, `<person>` and the like are masks; `<oper>` is the name or handle of a mobile operator.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from services.classifier.rules.folding import fold
from services.classifier.rules.numbers import join_units, number_name
from services.classifier.rules.operators import operator_of

_SCALE: Final = r"\s?(?:[km]\b|million\b|thousand\b)?"
_PLAIN: Final = (  # branches by the first character: most tokens are words, and should be found first
    r"(?=[a-z])(?:"
    rf"(?:n|ngn|naira )\s?\d[\d,]*(?:\.\d+)?{_SCALE}"
    r"|b4\b|some1\b|sm1\b|every1\b|evry1\b"
    r"|[a-z]+)"
    r"|[?!]"
    r"|(?=[\[₦#\d+*])(?:"
    r"\[[a-z]+_\d+\]"
    r"|(?:\+?234|0)\s?-?[789]\d(?:[\s-]?\d){7,8}\b"
    rf"|[₦#]\s?\d[\d,]*(?:\.\d+)?{_SCALE}"
    r"|\d[\d,]*(?:\.\d+)?\s?(?:k|m|million|thousand)?\s?naira\b"
    r"|\d[\d,]*(?:\.\d+)?k\b"
    r"|2day\b|2dy\b|2moro\w*|9mobile\w*"
    r"|\*\d[\d*#x]*"
    r"|\+?\d(?:[\d,]*\d)?(?:[.:/-]\d+)*)"
)
_TOKEN: Final = re.compile(_PLAIN)
_ADDRESSED: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|@\w+|" + _PLAIN)
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")


def tokenize(text: str) -> list[str]:
    """Raw tokens of a text, still to be named by `name`.

    >>> tokenize("Pls [PHONE_1] bought 2GB for N1,000!")
    ['pls', '[phone_1]', 'bought', '2', 'gb', 'for', 'n1,000', '!']
    """
    folded = fold(text)
    if "port harcourt" in folded:  # a town, and no porting
        folded = folded.replace("port harcourt", "portharcourt")
    if "@" in folded or "http" in folded or "www." in folded:
        return _ADDRESSED.findall(folded)
    return _TOKEN.findall(folded)


def name(token: str) -> str:
    """The normalised form of one raw token; "" where it says nothing.

    >>> [name(token) for token in ("pls", "[phone_1]", "n1,000", "₦25k", "netwrk", "mtn")]
    ['please', '<phone>', '<amt>', '<amtbig>', 'network', '<oper>']
    """
    first = token[0]
    if first == "[":
        return f"<{token[1 : token.rindex('_')]}>"
    if first in "?!":
        return token
    if operator_of(token) is not None:
        return "<oper>"
    if "@" in token:
        return "<handle>" if first == "@" else "<email>"
    if token.startswith(("http", "www.")) and not token.isalpha():
        return "<url>"
    if token in spellings():
        return spellings()[token]
    if first == "*":
        return "<ussd>"
    if not token.isalpha():
        return number_name(token)
    word = _STRETCHED.sub(r"\1", token)
    return spellings().get(word, word)


def names(tokens: Iterable[str]) -> list[str]:
    """Normalised forms of tokens, as in `name`, with number and unit joined (`2 gb` is `<vol>`)."""
    return join_units([name(token) for token in tokens])


@cache
def spellings() -> dict[str, str]:
    """SMS and other spellings to the usual one, from rules/spellings.txt (`usual: variant variant ...`)."""
    table = {}
    text = files("services.classifier.rules").joinpath("spellings.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        usual, colon, variants = line.partition(":")
        if colon and not line.startswith("#"):
            for variant in variants.split():
                table[variant] = usual.strip()
    return table
