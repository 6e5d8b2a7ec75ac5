"""The parts of long SMS that wait for the rest, by partition. Changes are values: they become state when applied."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.ingest_sms.parts import COUNT, NUMBER, joined

REMEMBERED_MS: Final = 86_400_000
"""How long the parts of a message that was put together are remembered, against second deliveries."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assembly:
    """One long SMS in the making. `name` is its own; `key` is what its parts share; since is in ms UTC."""

    name: str
    key: str
    count: int
    since: int
    parts: Mapping[int, Message]

    @property
    def complete(self) -> bool:
        """Whether all parts are there."""
        return len(self.parts) == self.count

    def with_part(self, part: Message) -> "Assembly":
        """The assembly with one more part."""
        return replace(self, parts={**self.parts, int(part["attributes"][NUMBER]): part})

    def whole(self) -> dict[str, Any]:
        """The message, with a gap where parts are missing."""
        return joined(self.parts, self.count)

    def identities(self) -> list[str]:
        """What names each part that has an id of its own."""
        return [identity for part in self.parts.values() if (identity := identity_of(self.key, part))]


Assemblies = tuple[Assembly, ...]


def identity_of(key: str, part: Message) -> str | None:
    """What a second delivery of a part has in common with the first; None where the gateway gives no ids."""
    return f"{key}/{part['message_id']}" if part["message_id"] else None


class Waiting:
    """The assemblies of one partition by key, and the parts of those that were given out."""

    def __init__(self) -> None:
        self.assemblies: dict[str, Assemblies] = {}
        self.done: dict[str, int] = {}

    def accept(self, draft: "Draft") -> None:
        """Make a draft the state."""
        for key, assemblies in draft.changed.items():
            self.put(key, assemblies)
        self.done.update(draft.done)

    def put(self, key: str, assemblies: Assemblies) -> None:
        """Set the assemblies of a key."""
        if assemblies:
            self.assemblies[key] = assemblies
        else:
            self.assemblies.pop(key, None)

    def restore_part(self, name: str, key: str, since: int, part: Message) -> None:
        """A part as the changelog names it."""
        others = tuple(a for a in self.assemblies.get(key, ()) if a.name != name)
        own = next((a for a in self.assemblies.get(key, ()) if a.name == name), None)
        own = own or Assembly(name, key, int(part["attributes"][COUNT]), since, {})
        self.put(key, (*others, own.with_part(part)))

    def restore_release(self, name: str, key: str, at: int, message_id: str | None) -> None:
        """A part of an assembly that was given out."""
        self.put(key, tuple(a for a in self.assemblies.get(key, ()) if a.name != name))
        if message_id:
            self.done[f"{key}/{message_id}"] = at

    def forget(self, now: int) -> None:
        """Drop what is remembered longer than REMEMBERED_MS. `done` is in order of time."""
        for identity, at in list(self.done.items()):
            if at >= now - REMEMBERED_MS:
                break
            del self.done[identity]


class Draft:
    """Changes of one batch on top of a state, which stays as it is."""

    def __init__(self, base: Waiting) -> None:
        self._base = base
        self.changed: dict[str, Assemblies] = {}
        self.done: dict[str, int] = {}

    def seen(self, key: str, part: Message) -> bool:
        """Whether this very part came before."""
        identity = identity_of(key, part)
        if identity is None:
            return False
        if identity in self.done or identity in self._base.done:
            return True
        return any(identity in assembly.identities() for assembly in self._of(key))

    def add(self, name: str, key: str, part: Message, at: int) -> Assembly:
        """The assembly that the part belongs to, the part included; a new one of that name where its place is taken."""
        number, count = int(part["attributes"][NUMBER]), int(part["attributes"][COUNT])
        found = self._of(key)
        own = next((a for a in found if a.count == count and number not in a.parts), None)
        grown = (own or Assembly(name, key, count, at, {})).with_part(part)
        self.changed[key] = (*(a for a in found if a is not own), grown)
        return grown

    def release(self, assembly: Assembly, at: int) -> None:
        """The assembly was given out."""
        self.changed[assembly.key] = tuple(a for a in self._of(assembly.key) if a.name != assembly.name)
        for identity in assembly.identities():
            self.done[identity] = at

    def overdue(self, before: int) -> list[Assembly]:
        """Assemblies that wait since before this time, oldest first."""
        every = {**self._base.assemblies, **self.changed}
        found = [a for assemblies in every.values() for a in assemblies if a.since <= before]
        return sorted(found, key=lambda a: (a.since, a.name))

    def _of(self, key: str) -> Assemblies:
        found = self.changed.get(key)
        return self._base.assemblies.get(key, ()) if found is None else found
