"""Bodies and headers of requests."""

import hashlib
import hmac
import json

from services.classifier.alerts import forms
from services.classifier.alerts.alert import of_complaint, of_incident
from tests.unit.classifier.alerts.records import NOW, complaint, incident


def test_the_generic_form_holds_each_alert() -> None:
    over = of_incident(incident(status="closed", ended_at=NOW))
    document = json.loads(forms.body("generic", [of_incident(incident()), over], NOW))
    assert document["version"] == 1
    first, second = document["alerts"]
    assert (first["status"], first["ends_at"], first["id"]) == ("firing", None, "inc-1")
    assert (second["status"], second["ends_at"]) == ("resolved", "2027-01-15T08:00:00.000Z")
    assert first["facts"]["lgas"] == ["Lagos/Ikorodu"]


def test_alertmanager_finds_firing_and_resolved_under_the_same_labels() -> None:
    firing = of_incident(incident())
    resolved = of_incident(incident(status="closed", ended_at=NOW, level="state", is_ncc_reportable=True))
    first, second = json.loads(forms.body("alertmanager", [firing, resolved], NOW))
    assert first["labels"] == second["labels"]
    assert all(isinstance(value, str) for part in (first["labels"], first["annotations"]) for value in part.values())
    assert first["endsAt"] > second["endsAt"] == "2027-01-15T08:00:00.000Z"


def test_the_signature_can_be_checked_by_whoever_has_the_secret() -> None:
    alert = of_complaint(complaint())
    assert alert is not None
    content = forms.body("generic", [alert], NOW)
    headers = forms.headers(content, [alert], NOW, b"secret", None)
    signed = hmac.new(b"secret", headers["X-Timestamp"].encode() + b"." + content, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={signed}"
    assert headers["X-Timestamp"] == str(NOW // 1000)


def test_without_secret_and_token_there_is_neither_signature_nor_authorization() -> None:
    assert not {"X-Signature", "Authorization"} & forms.headers(b"", [], NOW, None, None).keys()
    assert forms.headers(b"", [], NOW, None, "abc")["Authorization"] == "Bearer abc"


def test_the_idempotency_key_is_that_of_what_is_told_not_of_when() -> None:
    alerts = [of_incident(incident()), of_incident(incident(incident_id="inc-2"))]
    keys = {forms.headers(b"x", alerts, at, None, None)["Idempotency-Key"] for at in (NOW, NOW + 60_000)}
    assert len(keys) == 1
    assert forms.headers(b"x", alerts[:1], NOW, None, None)["Idempotency-Key"] not in keys


def test_any_text_can_be_told() -> None:
    alert = of_complaint(complaint(text="\ud800 ko si network ní Ìbàdàn"))
    assert alert is not None
    assert "Ìbàdàn" in forms.body("generic", [alert], NOW).decode()
