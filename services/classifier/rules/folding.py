"""Text without what spelling does not need: case, diacritics, apostrophes; emojis as words."""

import unicodedata
from typing import Final

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
_JOINERS: Final = (0xFE0F, 0x200D)  # variation selector, zero-width joiner: parts of emojis
_LETTER_BLOCKS: Final = (range(0xC0, 0x250), range(0x300, 0x370), range(0x1E00, 0x1F00))


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


def _unmarked(char: str) -> str:
    if char.isascii() or char == "₦":
        return char
    return "" if unicodedata.combining(char) else " "


def _fold_table() -> dict[int, str]:
    table = {ord(char): plain for char, plain in _LETTERS.items()}
    for word, emojis in _EMOJIS.items():
        table |= {ord(char): f" {word} " for char in emojis}
    table |= dict.fromkeys(_JOINERS, "")
    for block in _LETTER_BLOCKS:
        for code in block:
            plain = "".join(part for part in unicodedata.normalize("NFKD", chr(code)) if part.isascii())
            table.setdefault(code, plain)
    return table


_FOLDS: Final = _fold_table()
