"""Chooses among the places that the names in a text can mean, and sums them up."""

from collections.abc import Sequence
from typing import NamedTuple

from services.domain.places import context
from services.domain.places.context import Cue
from services.domain.places.mentions import Mention
from services.domain.places.place import Place
from services.domain.places.sources import Certainty, Meaning, Rank

SURE = 0.95
"""Confidence in a name that is a place and nothing else."""
_WEAK = 0.8
_WARD_LESS = 0.1
_LEFT = 0.4
_STRONG = 1.1


class Choice(NamedTuple):
    """What a name was taken to mean."""

    name: str
    state: str
    lgas: tuple[str, ...]
    weight: float
    """Below 1 for a place that somebody left, above for one that a word announces."""
    confidence: float


def choose(mentions: Sequence[Mention], field_state: str | None) -> list[Choice]:
    """The meaning of each mention, in order; those that stay open are left out."""
    anchors = [_anchor(mention) for mention in mentions]
    choices = []
    for position, mention in enumerate(mentions):
        beside = {
            state
            for other, state in enumerate(anchors)
            if state and other != position and mention.gap(mentions[other]) <= 1
        }
        anywhere = {state for other, state in enumerate(anchors) if state and other != position}
        if field_state:
            anywhere.add(field_state)
        if choice := _choice(mention, beside, anywhere):
            choices.append(choice)
    return choices


def _anchor(mention: Mention) -> str | None:
    """The state that a mention surely names, without help from others."""
    sure = [m for m in mention.meanings if m.certainty is Certainty.SURE or _is_named(m, mention.after)]
    winners = best(sure)
    return winners[0].state if winners else None


def _is_named(meaning: Meaning, after: str) -> bool:
    if after == "state":
        return meaning.rank is Rank.STATE
    return meaning.rank is not Rank.STATE and context.makes_area_surely(after)


def best(found: Sequence[Meaning]) -> list[Meaning]:
    """The meanings that win: dominant, else of the lowest rank; empty if they lie in several states."""
    if not found:
        return []
    winners = [m for m in found if m.dominant]
    if not winners:
        lowest = min(m.rank for m in found)
        winners = [m for m in found if m.rank is lowest]
    return winners if len({m.state for m in winners}) == 1 else []


def _choice(mention: Mention, beside: set[str], anywhere: set[str]) -> Choice | None:
    allowed = [m for m in mention.meanings if _is_allowed(m, mention, beside, anywhere)]
    for states in (beside, anywhere):
        winners = best([m for m in allowed if m.state in states])
        if winners:
            break
    else:
        winners = best(allowed)
    if not winners:
        return None
    lgas = tuple(dict.fromkeys(lga for m in winners for lga in m.lgas))
    weight = _LEFT if context.is_left_behind(mention.before) else _STRONG if mention.cue is Cue.STRONG else 1.0
    return Choice(mention.name, winners[0].state, lgas, weight, confidence(winners))


def _is_allowed(meaning: Meaning, mention: Mention, beside: set[str], anywhere: set[str]) -> bool:
    if meaning.certainty is Certainty.SURE or _is_named(meaning, mention.after) or meaning.state in beside:
        return True
    if meaning.certainty is Certainty.ORDINARY:
        return False
    is_placed = mention.is_placed()
    if meaning.rank is Rank.WARD:
        return is_placed and (mention.cue is Cue.STRONG or meaning.state in anywhere)
    return (
        is_placed or context.makes_area(mention.after) or (meaning.state in anywhere and mention.is_capital() is True)
    )


def confidence(winners: Sequence[Meaning]) -> float:
    """How sure a name that means these is of its state."""
    sure = min(m.certainty for m in winners) is Certainty.SURE
    return (SURE if sure else _WEAK) - (_WARD_LESS if winners[0].rank is Rank.WARD else 0.0)


def from_text(choices: Sequence[Choice]) -> Place:
    """The place of a text that names at least one."""
    choices = [c for c in choices if c.weight > _LEFT] or choices
    weights: dict[str, float] = {}
    for choice in choices:
        weights[choice.state] = weights.get(choice.state, 0.0) + choice.weight
    state = max(weights, key=lambda name: weights[name])
    share = weights[state] / sum(weights.values())
    sure = max(choice.confidence for choice in choices if choice.state == state)
    return Place(
        state, _one(choices, state), _all(choices), round(sure * share**0.5, 3), tuple(map(_evidence, choices))
    )


def with_fields(state: str, lga: str | None, choices: Sequence[Choice]) -> Place:
    """The place of a form, with what the text adds to it."""
    inside = [choice for choice in choices if choice.state == state]
    evidence = [f"field: {state}/{lga}" if lga else f"field: {state}", *map(_evidence, choices)]
    sure = 0.99 if inside else 0.7 if choices else 0.9
    if lga:
        return Place(state, lga, (f"{state}/{lga}",), sure, tuple(evidence))
    return Place(state, _one(choices, state), _all(inside), sure, tuple(evidence))


def _one(choices: Sequence[Choice], state: str) -> str | None:
    """The first single area named in the state."""
    for choice in sorted(choices, key=lambda c: -c.weight):
        if choice.state == state and len(choice.lgas) == 1:
            return choice.lgas[0].partition("/")[2]
    return None


def _all(choices: Sequence[Choice]) -> tuple[str, ...]:
    """Every area named; a town over several areas only where none of its state is named by itself."""
    single = {choice.state for choice in choices if len(choice.lgas) == 1}
    kept = [c for c in choices if len(c.lgas) == 1 or c.state not in single]
    return tuple(dict.fromkeys(lga for choice in kept for lga in choice.lgas))


def _evidence(choice: Choice) -> str:
    place = choice.lgas[0] if len(choice.lgas) == 1 else choice.state
    return f"text: {choice.name} is {place}"
