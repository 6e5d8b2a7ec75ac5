"""Settings of the alerts."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from services.runtime.settings import ServiceSettings


class AlertSettings(ServiceSettings):
    """Who is told, in which form, and how often."""

    alert_url: str = Field(description="Receiver of alerts, http:// or https://; needed.")
    alert_form: Literal["generic", "alertmanager"] = Field(
        "generic", description="generic: our JSON; alertmanager: a list for Alertmanager's /api/v2/alerts."
    )
    alert_secret_file: Path | None = Field(
        None, description="Secret that signs every request (HMAC-SHA256); empty: not signed."
    )
    alert_token_file: Path | None = Field(None, description="Bearer token of the receiver; empty: none.")
    alert_complaints: bool = Field(True, description="Whether P1 complaints are told, or incidents alone.")
    alert_requests_per_minute: float = Field(30.0, gt=0, le=6_000, description="Requests a minute at most.")
    alert_batch: int = Field(50, ge=1, le=1_000, description="Alerts of one request at most.")
    alert_max_age_hours: float = Field(6.0, gt=0, description="What is older is nobody's emergency, and is not told.")
    alert_timeout_seconds: float = Field(10.0, gt=0, le=120, description="How long an answer is waited for.")

    @field_validator("alert_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value
