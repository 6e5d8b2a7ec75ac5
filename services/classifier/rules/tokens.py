"""Text to normalised tokens: case, diacritics, SMS spelling and emojis folded, numbers replaced by what they are.

`<amt>` is an amount of money, `<amtbig>` one of NGN 20,000 and more, `<vol>` a data volume, `<n>` another number;
`<phone>`, `<person>` and the like are masks; `<oper>` is the name or handle of a mobile operator.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

BIG_AMOUNT: Final = 20_000
"""Naira from which one customer's loss is of high impact (domain rule)."""

_LETTERS: Final = {
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ƴ": "y",
    "ŋ": "n",
    "ə": "e",
    "'": "",
    "’": "",
    "‘": "",
    "ʼ": "",
    "`": "",
    "´": "",
    "…": " ",
    "！": "!",
    "？": "?",
}
_EMOJIS: Final = {
    "emoangry": "😡😠🤬👿😤💢🖕",
    "emosad": "😭😢😞😔😩😫🥲🥺😪💔😥😓☹🙁",
    "emolaugh": "😂🤣😹😆",
    "emohappy": "😊😍🥰😁😀😃😄🎉🥳❤♥💯🙌✨😎🤩🔥",
    "emothumb": "👍👏💪✅🫡",
    "emodown": "👎🤡🙄😒🤦🤷🤨💩🤮😑😐",
    "emobeg": "🙏",
    "emoalarm": "🚨⚠‼❗🆘📢",
}
_OPERATORS: Final = {
    "Beejan": ("beejan", "beejanng", "beejantelecom", "beejancare", "beejanhelp", "bejan", "beejans", "beejn"),
    "MTN": ("mtn", "mtnng", "mtn180", "mtns", "yello"),
    "Airtel": ("airtel", "airtelng", "airtelnigeria", "airtels", "zain"),
    "Glo": ("glo", "globacom", "gloworld", "glocare", "glos"),
    "9mobile": ("9mobile", "9mobileng", "etisalat", "t2mobile"),
    "Smile": ("smilecomsng", "smile4g"),
    "Spectranet": ("spectranet", "spectranetng"),
    "Ntel": ("ntel", "ntelng"),
    "Mafab": ("mafab",),
}
OPERATOR_WORDS: Final = {word: name for name, words in _OPERATORS.items() for word in words}

_SCALE_WORD: Final = r"\s?(?:[km]\b|million\b|thousand\b)?"
_PLAIN: Final = (  # branches by the first character: most tokens are words, and should be found first
    r"(?=[a-z])(?:(?:n|ngn|naira )\s?\d[\d,]*(?:\.\d+)?" + _SCALE_WORD + r"|b4\b|some1\b|sm1\b|every1\b|evry1\b|[a-z]+)"
    r"|[?!]"
    r"|(?=[\[₦#\d+*])(?:"
    r"\[[a-z]+_\d+\]"
    r"|(?:\+?234|0)\s?-?[789]\d(?:[\s-]?\d){7,8}\b"
    r"|[₦#]\s?\d[\d,]*(?:\.\d+)?" + _SCALE_WORD + r"|\d[\d,]*(?:\.\d+)?\s?(?:k|m|million|thousand)?\s?naira\b"
    r"|\d[\d,]*(?:\.\d+)?k\b"
    r"|2day\b|2dy\b|2moro\w*|9mobile\w*"
    r"|\*\d[\d*#x]*"
    r"|\+?\d(?:[\d,]*\d)?(?:[.:/-]\d+)*)"
)
_TOKEN: Final = re.compile(_PLAIN)
_ADDRESSED: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|@\w+|" + _PLAIN)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_KEPT_NUMBERS: Final = frozenset(("2442", "3232", "996", "622", "112", "767", "199", "419", "911"))
_GENERATIONS: Final = frozenset(("2g", "3g", "4g", "5g"))
_SCALES: Final = {"k": 1_000, "m": 1_000_000, "million": 1_000_000, "thousand": 1_000}
_VOLUME_UNITS: Final = frozenset(("gb", "mb", "gig", "gigs", "gigabyte", "gigabytes", "megabytes", "kb", "tb"))
_NUMBERS: Final = frozenset(("<n>", "<amt>", "<amtbig>"))
_SPEED_UNITS: Final = frozenset(("mbps", "kbps", "mb/s"))
_TIME_UNITS: Final = frozenset(("am", "pm", "oclock"))
_COUNTED: Final = (
    frozenset(("minute", "hour", "day", "days", "week", "weeks", "month", "months", "year", "years", "times"))
    | frozenset(("people", "customers", "lines", "phones", "percent", "text", "message", "seconds", "sec"))
    | frozenset(("staff", "students"))
)
_ORDINALS: Final = frozenset(("st", "nd", "rd", "th"))
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")


def fold(text: str) -> str:
    """Lower case, without diacritics and apostrophes, emojis as words.

    >>> fold("Ẹ jọ̀ọ́, don’t 😡")
    'e joo, dont  emoangry '
    """
    text = text.lower()
    if text.isascii():
        return text.replace("'", "").replace("`", "")
    text = text.translate(_FOLDS)
    if text.isascii():
        return text
    return "".join(_unmarked(char) for char in unicodedata.normalize("NFKD", text))


def tokenize(text: str) -> list[str]:
    """Raw tokens of a text, still to be named by `name`.

    >>> tokenize("Pls [PHONE_1] bought 2GB for N1,000!")
    ['pls', '[phone_1]', 'bought', '2', 'gb', 'for', 'n1,000', '!']
    """
    folded = fold(text)
    if "port harcourt" in folded:
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
    if "@" in token:
        return _at_name(token)
    if token.startswith(("http", "www.")) and not token.isalpha():
        return "<url>"
    if operator_of(token) is not None:
        return "<oper>"
    if token in spellings():
        return spellings()[token]
    if first == "*":
        return "<ussd>"
    if first.isdigit() or first in "+₦#" or (first == "n" and any(char.isdigit() for char in token)):
        return _number_name(token)
    word = _STRETCHED.sub(r"\1", token)
    return spellings().get(word, word)


def names(tokens: Iterable[str]) -> list[str]:
    """Normalised forms of tokens, as in `name`, with number and unit joined (`2 gb` is `<vol>`)."""
    return join_units([name(token) for token in tokens])


def join_units(named: list[str]) -> list[str]:
    """Numbers followed by their unit become one token."""
    if _NUMBERS.isdisjoint(named):
        return named if all(named) else [word for word in named if word]
    joined: list[str] = []
    for word in named:
        if joined and joined[-1] in _NUMBERS:
            if word in _VOLUME_UNITS:
                joined[-1] = "<vol>"
                continue
            if word in _SPEED_UNITS:
                joined[-1] = "<speed>"
                continue
            if word in _COUNTED:
                joined[-1] = "<n>"
            if word in _TIME_UNITS:
                joined[-1] = "<time>"
                continue
            if word == "naira":
                joined[-1] = "<amt>" if joined[-1] == "<n>" else joined[-1]
                continue
            if word in _ORDINALS:
                joined[-1] = "<n>"
                continue
        if word:
            joined.append(word)
    return joined


def amount(token: str) -> float:
    """Naira that a raw number token stands for, whatever it counts.

    >>> amount("₦1.5k"), amount("20,000")
    (1500.0, 20000.0)
    """
    match = _NUMBER.search(token)
    if match is None:
        return 0.0
    value = float(match.group().replace(",", ""))
    tail = token[match.end() :].strip().removesuffix("naira").strip()
    return value * _SCALES.get(tail, 1)


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


def operator_of(token: str) -> str | None:
    """The operator that a raw token names or is a handle of (@BeejanNG), or None."""
    if "9mobile" in token:
        return "9mobile"
    found = OPERATOR_WORDS.get(token.removeprefix("@"))
    if found is None and token.startswith("@"):
        return next((name for word, name in OPERATOR_WORDS.items() if token.startswith(f"@{word}")), None)
    return found


def _at_name(token: str) -> str:
    if token[0] != "@":
        return "<email>"
    return "<handle>" if operator_of(token) is None else "<oper>"


def _number_name(token: str) -> str:
    digits = "".join(char for char in token if char.isdigit())
    money = not (token[0].isdigit() or token[0] == "+") or token.endswith(("naira", "k"))
    if money:
        return "<amtbig>" if amount(token) >= BIG_AMOUNT else "<amt>"
    if len(digits) >= 9:
        return "<phone>" if digits.startswith(("0", "234", "7", "8", "9")) else "<number>"
    if ":" in token:
        return "<time>"
    if "/" in token or "-" in token:
        return "<date>"
    if token in _KEPT_NUMBERS:
        return token
    if digits.endswith(("00", "50")) and "." not in token and 2 < len(digits) < 9:
        return "<amtbig>" if int(digits) >= BIG_AMOUNT else "<amt>"
    if "," in token and len(digits) > 4:
        return "<amtbig>" if int(digits) >= BIG_AMOUNT else "<amt>"
    return "<n>"


def _unmarked(char: str) -> str:
    if char.isascii() or char == "₦":
        return char
    return "" if unicodedata.combining(char) else " "


def _fold_table() -> dict[int, str]:
    table = {ord(char): fold_to for char, fold_to in _LETTERS.items()}
    for word, emojis in _EMOJIS.items():
        table |= {ord(char): f" {word} " for char in emojis}
    table[0xFE0F] = ""
    table[0x200D] = ""
    for code in (*range(0xC0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00)):
        if code not in table:
            table[code] = "".join(part for part in unicodedata.normalize("NFKD", chr(code)) if part.isascii())
    return table


_FOLDS: Final = _fold_table()
