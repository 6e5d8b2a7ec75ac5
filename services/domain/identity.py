"""Who and what: deterministic ids, routing keys and versioned pseudonyms.

Ids and pseudonyms are keyed (HMAC-SHA256): an unkeyed hash of one of some 600 million Nigerian numbers is reversed
by trial within seconds.
"""

import base64
import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

SEPARATOR = "\x1f"
MIN_KEY_BYTES = 16

_NATIONAL_MOBILE = re.compile(r"(?:\+?234|0)?([789][01]\d{8})")
_NOT_DIGITS = re.compile(r"[\s().\-/\u00a0\u2009\u202f]+")


class KeyedHash:
    """HMAC-SHA256 (RFC 2104) under one key, whose two padded blocks are hashed once.

    Same bytes as hmac.digest() in a third of the time: OpenSSL 3 sets a key up anew at every call.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, secret: bytes) -> None:
        block = (hashlib.sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, message: bytes) -> bytes:
        """32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class IdKey:
    """Makes ids and routing keys. Its secret is never rotated: a replay must make the same ids.

    >>> ids = IdKey(b"0123456789abcdef")
    >>> ids.uuid("complaint", "sms:twilio", "SM1") == ids.uuid("complaint", "sms:twilio", "SM1")
    True
    >>> len(ids.routing_key("+2348031234567"))
    4
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"the id key must have at least {MIN_KEY_BYTES} bytes")
        self._hash = KeyedHash(secret)

    def uuid(self, *parts: str) -> str:
        """A UUID (version 8, RFC 9562) of the parts. Parts are length-prefixed: no two lists collide by joining."""
        message = "".join([f"{len(part)}:{part}" for part in parts]).encode("utf-8", "surrogatepass")
        digest = bytearray(self._hash.digest(message)[:16])
        digest[6] = (digest[6] & 0x0F) | 0x80
        digest[8] = (digest[8] & 0x3F) | 0x80
        h = digest.hex()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def routing_key(self, canonical: str) -> bytes:
        """Four hex digits of the canonical sender: places a customer on a partition and identifies nobody."""
        message = b"route\x1f" + canonical.encode("utf-8", "surrogatepass")
        return self._hash.digest(message)[:2].hex().encode()


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of the pseudonym key, in force for events received from valid_from (ms UTC) on."""

    version: int
    valid_from: int
    secret: bytes


class PseudonymKeys:
    """Versioned pseudonym keys. The version in force is chosen by received_at; all versions stay for erasure.

    >>> keys = PseudonymKeys([KeyVersion(1, 0, b"0123456789abcdef")])
    >>> keys.key("msisdn", "+2348031234567", 1_700_000_000_000)[:3]
    'k1_'
    """

    def __init__(self, versions: Iterable[KeyVersion]) -> None:
        self._versions: Sequence[KeyVersion] = sorted(versions, key=lambda v: v.valid_from)
        if not self._versions:
            raise ValueError("no pseudonym key: at least one version is needed")
        if len({v.version for v in self._versions}) != len(self._versions):
            raise ValueError("two pseudonym keys bear the same version")
        if any(len(v.secret) < MIN_KEY_BYTES for v in self._versions):
            raise ValueError(f"a pseudonym key must have at least {MIN_KEY_BYTES} bytes")
        self._starts = [v.valid_from for v in self._versions]
        self._hashes = [KeyedHash(v.secret) for v in self._versions]

    @property
    def versions(self) -> tuple[int, ...]:
        """Version numbers, oldest first."""
        return tuple(v.version for v in self._versions)

    def key(self, kind: str, canonical: str, received_at_ms: int) -> str:
        """k<version>_<26 characters of base32> for an identifier of an event received then."""
        index = max(bisect_right(self._starts, received_at_ms) - 1, 0)
        return self._pseudonym(index, kind, canonical)

    def all_versions(self, kind: str, canonical: str) -> list[str]:
        """The pseudonyms of every version, for erasure and access requests."""
        return [self._pseudonym(index, kind, canonical) for index in range(len(self._versions))]

    def _pseudonym(self, index: int, kind: str, canonical: str) -> str:
        message = f"{kind.upper()}{SEPARATOR}{canonical}".encode("utf-8", "surrogatepass")
        name = base64.b32encode(self._hashes[index].digest(message)[:16]).decode().rstrip("=").lower()
        return f"k{self._versions[index].version}_{name}"


@lru_cache(maxsize=65_536)
def canonical_msisdn(raw: str) -> str | None:
    """E.164 of a phone number, Nigerian unless it says otherwise; None when it is no number (e.g. "MTN").

    >>> canonical_msisdn("0803 123 4567"), canonical_msisdn("whatsapp:+447911123456"), canonical_msisdn("MTN")
    ('+2348031234567', '+447911123456', None)
    """
    text = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", raw)).removeprefix("whatsapp:").removeprefix("tel:")
    match = _NATIONAL_MOBILE.fullmatch(text)
    if match:
        return f"+234{match[1]}"
    if len(text) > 25 or not any(c.isdigit() for c in text):
        return None
    if text.startswith("00"):
        text = "+" + text[2:]
    for candidate in (text, "+" + text):
        try:
            number = phonenumbers.parse(candidate, "NG")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None


def canonical_email(raw: str) -> str | None:
    """Lower case, trimmed; None when it has no form of an address."""
    text = unicodedata.normalize("NFKC", raw).strip().casefold()
    local, at, domain = text.rpartition("@")
    return text if at and local and "." in domain and " " not in text else None


def canonical_handle(network: str, handle: str) -> str | None:
    """network:handle in lower case, without the leading @; None when the handle is empty."""
    name = unicodedata.normalize("NFKC", handle).strip().removeprefix("@").casefold()
    return f"{network.casefold()}:{name}" if name else None


def canonical_account(raw: str) -> str | None:
    """An account or customer number: upper case letters and digits only; None when nothing is left."""
    text = "".join(c for c in unicodedata.normalize("NFKC", raw).upper() if c.isalnum())
    return text or None


def canonical(kind: str, raw: str) -> str | None:
    """The canonical form of an identifier of one of IDENTIFIER_KINDS; None when it is none."""
    if kind == "msisdn":
        return canonical_msisdn(raw)
    if kind == "email":
        return canonical_email(raw)
    if kind == "handle":
        network, colon, name = raw.partition(":")
        return canonical_handle(network, name) if colon else None
    if kind == "account":
        return canonical_account(raw)
    raise ValueError(f"unknown kind of identifier: {kind}")
