"""Addresses of machines: IPv4, IPv6 and MAC."""

import ipaddress
from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser
from services.cleaner.masking.spans import Finding


def _ip(match: Any, scan: str) -> Finding | None:
    start, end = match.span()
    if start and (scan[start - 1].isalnum() or scan[start - 1] in ".:"):
        return None
    if end < len(scan) and (
        scan[end].isalnum() or (scan[end] == "." and end + 1 < len(scan) and scan[end + 1].isalnum())
    ):
        return None
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return None
    return Finding(start, end, "IP", 0.97, str(address))


def _mac(match: Any, scan: str) -> Finding | None:
    start, end = match.span()
    if (start and (scan[start - 1].isalnum() or scan[start - 1] in ":-")) or (end < len(scan) and scan[end].isalnum()):
        return None
    return Finding(start, end, "MAC", 0.98, "".join(c for c in match[0].lower() if c.isalnum()))


IPV4 = PatternRecogniser(
    type="IP",
    mark=".",
    trigger=lambda clues: clues.scan.count(".") >= 3,
    digits=4,
    pattern=r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
    finding=_ip,
    positive=("105.112.34.7", "my ip na 10.0.0.1.", "192.168.1.10:8080"),
    negative=("version 1.2.3", "1.2.3.4.5", "300.1.1.1"),
)

IPV6 = PatternRecogniser(
    type="IP",
    mark=":",
    trigger=lambda clues: "::" in clues.scan or clues.scan.count(":") > 6,
    digits=1,
    pattern=r"(?i)(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,7}|(?:[0-9a-f]{1,4}:){1,7}:(?:[0-9a-f]{1,4})?",
    finding=_ip,
    positive=("2001:db8:85a3::8a2e:370:7334", "fe80::1"),
    negative=("at 12:30:45", "note::this"),
)

MAC = PatternRecogniser(
    type="MAC",
    trigger=lambda clues: clues.scan.count(":") >= 5 or clues.scan.count("-") >= 5,
    pattern=r"(?i)[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})",
    finding=_mac,
    positive=("00:1A:2B:3C:4D:5E", "mac 00-1a-2b-3c-4d-5e"),
    negative=("00:1A:2B:3C:4D", "12-03-20-26-01"),
)
