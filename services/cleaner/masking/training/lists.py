"""Builds the lists that the tagger looks words up in, as one mapping of folded word to letters."""

from collections import defaultdict
from collections.abc import Iterable

from services.cleaner.masking.tokens import fold_word, tokens_of
from services.cleaner.masking.training.corpus import countries, dictionary, nigerian_places, read_lists, read_words
from services.cleaner.masking.training.names import Names
from services.domain.places import Gazetteer


def build_lists(names: Names) -> dict[str, str]:
    """Folded word to the sorted letters of its lists (features.Lists says what they mean)."""
    found: dict[str, set[str]] = defaultdict(set)

    def add(letter: str, phrases: Iterable[str], *, single: bool = False) -> None:
        for phrase in phrases:
            words = [fold_word(t) for t in tokens_of(phrase) if t[0].isalpha()]
            if single and len(words) != 1:
                continue
            for word in words:
                if len(word) > 1:
                    found[word].add(letter)

    slots = read_lists("slots.txt")
    for file, listed in names.lists.items():
        add("W" if file == "words_as_names" else "N", listed)
    add("N", names.world_first)
    add("N", names.world_last)
    for listed in read_words().values():
        add("C", listed)
    add("P", nigerian_places(), single=True)
    add("P", slots["AREA"], single=True)
    add("P", slots["WORLDPLACE"], single=True)
    add("P", slots["NATION"], single=True)
    add("P", Gazetteer.load().names(), single=True)
    add("P", countries(), single=True)
    ranked = dictionary()
    add("E", ranked[:12_000])
    add("D", ranked[12_000:40_000])
    add("T", slots["T"])
    add("S", slots["STREETTYPE"])
    add("S", slots["SHOP"])
    for name in ("ORG", "ORGN", "BANK", "CLUB", "PARTY"):
        add("O", slots[name], single=True)
    for name in ("MONTH", "MONTHHA", "DAYHA"):
        add("M", slots[name])
    add("M", slots["DAY"], single=True)
    return {word: "".join(sorted(letters)) for word, letters in found.items()}
