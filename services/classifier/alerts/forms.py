"""Alerts as receivers want them: our own JSON, or Alertmanager's."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from services.classifier.alerts.alert import Alert

OPEN_FOR_MS: Final = 24 * 3_600_000
"""Alertmanager forgets an alert that names no end after minutes: what goes on is given a day."""


def body(form: str, alerts: Sequence[Alert], now: int) -> bytes:
    """The request's body: UTF-8 JSON.

    generic: {"version": 1, "alerts": [{"key", "kind", "id", "status": "firing" | "resolved", "severity", "title",
    "starts_at", "ends_at", "facts"}]}, times as ISO 8601. alertmanager: the list of POST /api/v2/alerts.
    """
    if form == "alertmanager":
        document: Any = [_alertmanager(alert, now) for alert in alerts]
    else:
        document = {"version": 1, "alerts": [_generic(alert) for alert in alerts]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def headers(
    content: bytes, alerts: Sequence[Alert], now: int, secret: bytes | None, token: str | None
) -> dict[str, str]:
    """Headers: what makes the request idempotent, and who sent it.

    X-Signature is sha256= and the HMAC-SHA256, in hex, of X-Timestamp (seconds since the epoch), a dot, and the body.

    >>> headers(b"{}", [], 1_000, b"key", None)["X-Signature"][:14]
    'sha256=1ba6b81'
    """
    out = {
        "Content-Type": "application/json",
        "User-Agent": "complaints-alerts/1",
        "Idempotency-Key": hashlib.sha256("\n".join(alert.key for alert in alerts).encode()).hexdigest()[:32],
    }
    if secret is not None:
        stamp = str(now // 1000)
        signed = hmac.new(secret, stamp.encode() + b"." + content, hashlib.sha256).hexdigest()
        out |= {"X-Timestamp": stamp, "X-Signature": f"sha256={signed}"}
    if token is not None:
        out["Authorization"] = f"Bearer {token}"
    return out


def _generic(alert: Alert) -> dict[str, Any]:
    return {
        "key": alert.key,
        "kind": alert.kind,
        "id": alert.about,
        "status": "resolved" if alert.is_over else "firing",
        "severity": alert.severity,
        "title": alert.title,
        "starts_at": _iso(alert.starts_at),
        "ends_at": None if alert.ends_at is None else _iso(alert.ends_at),
        "facts": dict(alert.facts),
    }


def _alertmanager(alert: Alert, now: int) -> dict[str, Any]:
    """Labels say which alert it is, so they hold only what never changes; the rest is annotations."""
    labels = {
        "alertname": "Outage" if alert.kind == "incident" else "P1Complaint",
        "service": "complaints",
        "id": alert.about,
    }
    annotations = {"summary": alert.title, "severity": alert.severity, "key": alert.key}
    for name, value in alert.facts.items():
        if value not in (None, "", []):
            annotations[name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    end = alert.ends_at if alert.is_over and alert.ends_at is not None else now + OPEN_FOR_MS
    return {
        "labels": labels,
        "annotations": annotations,
        "startsAt": _iso(alert.starts_at),
        "endsAt": _iso(end),
    }


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
