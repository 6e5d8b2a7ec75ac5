"""What to watch for, in one small language for all networks.

A watch is a list of rules; a post is wanted when one of them fits. A rule is a line of terms that must all fit:

    @beejan                    mentions the handle
    #beejan                    has the hashtag
    beejan "no network"        holds the word and the phrase, whole words, in any case
    place:Lagos                names the place, or is tagged with it
    lang:en                    is in this language, as the network says
    -giveaway -@beejan_ads     must not fit
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.runtime.errors import SettingsError

X_LIMIT: Final = 512
"""Longest query that X takes."""
_TERM: Final = re.compile(r'(-?)(?:(place|lang):)?([@#]?)(?:"([^"]+)"|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One term: kind is word, handle, hashtag, place or lang."""

    kind: str
    value: str
    negative: bool = False

    def fits(self, post: Mapping[str, Any]) -> bool:
        """Whether a SocialPost is as the term says."""
        return self._found(post) != self.negative

    def _found(self, post: Mapping[str, Any]) -> bool:
        if self.kind == "lang":
            return (post["language"] or "").partition("-")[0].casefold() == self.value.casefold()
        text = post["text"]
        if self.kind == "place":
            text = f"{text}\n{post['place'] or ''}"
        prefix = {"handle": "@", "hashtag": "#"}.get(self.kind, "")
        return re.search(rf"(?<!\w){re.escape(prefix + self.value)}(?!\w)", text, re.IGNORECASE) is not None

    def x(self) -> str:
        """The term in X's query language."""
        quoted = f'"{self.value}"' if re.search(r"\W", self.value) else self.value
        text = {
            "handle": f"@{self.value}",
            "hashtag": f"#{self.value}",
            "place": f'(place:"{self.value}" OR "{self.value}")',
            "lang": f"lang:{self.value}",
        }.get(self.kind, quoted)
        return f"-{text}" if self.negative else text


Rule = tuple[Term, ...]


class Watch:
    """Rules, any of which may fit.

    >>> watch = Watch.of(['@beejan -giveaway', '"no network" place:Lagos'])
    >>> watch.x_queries()
    ['((@beejan -giveaway) OR ("no network" (place:"Lagos" OR "Lagos"))) -is:retweet']
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    @classmethod
    def of(cls, lines: Sequence[str]) -> "Watch":
        """The watch that lines describe. SettingsError for a line that cannot be read."""
        return cls([_rule(line) for line in lines])

    def wants(self, post: Mapping[str, Any]) -> bool:
        """Whether a post fits. A deletion always does: its text is gone. Without rules every post does."""
        if post["action"] == "deleted" or not self.rules:
            return True
        return any(all(term.fits(post) for term in rule) for rule in self.rules)

    def hashtags(self) -> list[str]:
        """Hashtags that are watched for, each once."""
        terms = [term for rule in self.rules for term in rule if term.kind == "hashtag" and not term.negative]
        return list(dict.fromkeys(term.value.casefold() for term in terms))

    def x_queries(self) -> list[str]:
        """Queries of X that together find all posts that fit, each within X's limit."""
        ending = " -is:retweet"
        queries: list[str] = []
        for rule in self.rules:
            alone = f"({' '.join(term.x() for term in rule)})"
            joined = f"{queries[-1]} OR {alone}" if queries else alone
            if queries and len(joined) + len(ending) + 2 <= X_LIMIT:
                queries[-1] = joined
            else:
                queries.append(alone)
        return [f"({query}){ending}" for query in queries]


def _rule(line: str) -> Rule:
    terms, end = [], 0
    text = line.strip()
    for match in _TERM.finditer(text):
        if text[end : match.start()].strip():
            break
        minus, field, mark, phrase, word = match.groups()
        kind = field or {"@": "handle", "#": "hashtag"}.get(mark, "word")
        terms.append(Term(kind, phrase or word, bool(minus)))
        end = match.end()
    is_whole = not text[end:].strip() and all(term.value not in ("place:", "lang:") for term in terms)
    if not is_whole or all(term.negative for term in terms):
        raise SettingsError(f"watch: the rule {line!r} cannot be read, or only says what is not wanted")
    return tuple(terms)
