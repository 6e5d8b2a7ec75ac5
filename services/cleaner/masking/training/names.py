"""Draws names of people, Nigerian and from elsewhere, in the forms in which people write them."""

import random
from collections.abc import Sequence
from importlib import resources

_FILES = ("hausa", "yoruba", "igbo", "nigerian_other", "english", "words_as_names")
_HOME = {"yo": "yoruba", "ig": "igbo", "ha": "hausa", "pcm": "nigerian_other"}
WORLD_LOCALES = (
    "en_US", "en_GB", "en_IN", "en_IE", "en_PK", "de_DE", "de_AT", "fr_FR", "es_ES", "es_MX", "it_IT", "nl_NL", "nl_BE",
    "pt_BR", "pt_PT", "pl_PL", "sv_SE", "no_NO", "da_DK", "fi_FI", "tr_TR", "cs_CZ", "sk_SK", "hu_HU", "ro_RO", "hr_HR",
    "sl_SI", "id_ID", "en_KE", "zu_ZA", "tw_GH", "sw", "en_NG", "yo_NG", "ig_NG", "ha_NG",
)  # fmt: skip


def read_names(file: str) -> list[str]:
    """The names of a file of the repository, without remarks."""
    text = resources.files("services.cleaner.masking.training").joinpath("name_lists", f"{file}.txt").read_text("utf-8")
    return sorted({n for line in text.splitlines() if not line.startswith("#") for n in line.split()})


def world_names() -> tuple[list[str], list[str]]:
    """Given names and surnames of the locales of faker (MIT)."""
    from faker import Faker

    first: set[str] = set()
    last: set[str] = set()
    for locale in WORLD_LOCALES:
        for provider in Faker(locale).get_providers():
            for attribute in dir(provider):
                if attribute.startswith(("first_names", "last_names")):
                    values = getattr(provider, attribute)
                    target = first if attribute.startswith("first") else last
                    if isinstance(values, (list, tuple, dict)):
                        target.update(
                            v for v in values if isinstance(v, str) and v.replace("-", "").replace("'", "").isalpha()
                        )
    return sorted(n for n in first if len(n) > 1), sorted(n for n in last if len(n) > 1)


class Names:
    """Names by people, and how they are put together."""

    def __init__(self, world: tuple[Sequence[str], Sequence[str]]) -> None:
        self.lists = {file: read_names(file) for file in _FILES}
        self.world_first, self.world_last = world

    def person(self, draw: random.Random, style: str) -> str:
        """One person. style is a language (yo, ha, ig: mostly names of that people), or "world"."""
        if draw.random() < (0.75 if style == "world" else 0.12 if style in ("en", "pcm") else 0.04):
            first, last = draw.choice(self.world_first), draw.choice(self.world_last)
            middle = draw.choice(self.world_first)
        else:
            first, middle, last = (self._nigerian(draw, style) for _ in range(3))
            if draw.random() < 0.35:
                first = draw.choice(self.lists["english"])
            if draw.random() < 0.06:
                first = draw.choice(self.lists["words_as_names"])
        return _put_together(draw, first, middle, last)

    def given(self, draw: random.Random, style: str) -> str:
        """A given name alone, often one that is also a word."""
        if draw.random() < 0.3:
            return draw.choice(self.lists["words_as_names"])
        return draw.choice(self.lists["english"]) if draw.random() < 0.3 else self._nigerian(draw, style)

    def _nigerian(self, draw: random.Random, style: str) -> str:
        home = _HOME.get(style)
        if home and draw.random() < 0.7:
            return draw.choice(self.lists[home])
        return draw.choice(self.lists[draw.choices(_FILES[:5], (4, 5, 5, 3, 1))[0]])


def _put_together(draw: random.Random, first: str, middle: str, last: str) -> str:
    form = draw.random()
    if form < 0.42:
        return f"{first} {last}"
    if form < 0.66:
        return first
    if form < 0.72:
        return last
    if form < 0.82:
        return f"{first} {middle} {last}"
    if form < 0.86:
        return f"{first} {middle[0]}. {last}"
    if form < 0.89:
        return f"{first[0]}. {last}" if draw.random() < 0.6 else f"{first[0]}.{middle[0]}. {last}"
    if form < 0.92:
        return f"{first} {last}-{middle}"
    if form < 0.97:
        return f"{last.upper()} {first.upper()}"
    return f"{last.upper()} {first}" if draw.random() < 0.5 else f"{first} {last[0]}."
