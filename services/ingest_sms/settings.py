"""Settings of ingest_sms. Secrets come from files; a gateway without a secret is not checked."""

from pathlib import Path
from typing import Final

from pydantic import Field, field_validator

from services.domain.vocabulary import STATUSES
from services.ingest_sms.bronze import STATUS_NAMES
from services.ingest_sms.gateway import Gateway
from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.mapping import gateway_of, load
from services.ingest_sms.signatures import Credentials
from services.runtime.errors import SettingsError
from services.runtime.settings import ServiceSettings, read_secret

_SECRET_SETTING: Final = "sms_{}_secret_file"  # noqa: S105 - the name of a setting


class IngestSmsSettings(ServiceSettings):
    """What ingest_sms reads beside the settings of every service."""

    ingest_sms_host: str = Field("0.0.0.0", description="Address to listen on.")  # noqa: S104
    ingest_sms_port: int = Field(8081, ge=1, le=65_535, description="Port to listen on.")
    ingest_sms_max_waiting: int = Field(
        2_000, ge=1, le=100_000, description="Requests that may wait for the broker at once; more are answered 429."
    )
    sms_public_url: str = Field(
        "", description="Scheme, host and port under which gateways reach us, where a proxy changes them (Twilio)."
    )
    sms_africastalking_secret_file: Path | None = Field(None, description="Africa's Talking: ?token= of the URL.")
    sms_twilio_token_file: Path | None = Field(None, description="Twilio: auth token.")
    sms_infobip_secret_file: Path | None = Field(
        None, description="Infobip: user:password, bearer token or HMAC secret of the subscription."
    )
    sms_vonage_secret_file: Path | None = Field(None, description="Vonage: signature secret.")
    sms_termii_secret_file: Path | None = Field(None, description="Termii: secret key.")
    sms_kannel_secret_file: Path | None = Field(None, description="Kannel: ?token= of the URL, or user:password.")
    sms_jasmin_secret_file: Path | None = Field(None, description="Jasmin: ?token= of the URL, or user:password.")
    sms_mtn_secret_file: Path | None = Field(None, description="MTN: ?token= of the URL, user:password or API key.")
    sms_generic_key_file: Path | None = Field(None, description="API key of /v1/sms/generic and mapped gateways.")
    status_key_file: Path | None = Field(None, description="API key of /v1/status.")
    sms_vonage_signature_method: str = Field(
        "", pattern="^(|md5hash|md5|sha1|sha256|sha512)$", description="Pins Vonage's method; empty accepts any."
    )
    sms_infobip_signature_method: str = Field(
        "", pattern="^(|sha1|sha256|sha512)$", description="Pins Infobip's HMAC; empty accepts any."
    )
    sms_signature_max_age_seconds: int = Field(
        93_600,
        ge=0,
        description="Signed requests older than this are replays; 0 accepts any age. Vonage retries for a day.",
    )
    sms_mapping_files: list[Path] = Field(
        [], description="YAML mappings, JSON list of paths: each serves /v1/sms/<its gateway>; generic may be one."
    )
    sms_parts_timeout_seconds: int = Field(
        600, ge=1, le=43_200, description="A long SMS whose parts do not all come is released after this, marked."
    )
    status_names: dict[str, str] = Field(
        {}, description="Further status names of ticket systems, JSON object: name to TMF621 status."
    )

    @field_validator("status_names")
    @classmethod
    def _known_statuses(cls, value: dict[str, str]) -> dict[str, str]:
        if not set(value.values()) <= set(STATUSES):
            raise ValueError(f"each must mean one of {', '.join(STATUSES)}")
        return {" ".join(name.casefold().replace("-", " ").replace("_", " ").split()): s for name, s in value.items()}

    def gateways(self) -> dict[str, Gateway]:
        """All gateways by name, those of the mapping files included. SettingsError for a wrong file."""
        found = dict(GATEWAYS)
        for path in self.sms_mapping_files:
            gateway = gateway_of(load(path))
            if gateway.name in found and gateway.name != "generic":
                raise SettingsError(f"SMS_MAPPING_FILES: {path} names the gateway {gateway.name}, which exists already")
            found[gateway.name] = gateway
        return found

    def credentials(self, gateway: str) -> Credentials | None:
        """What requests of a gateway are checked against; None where nothing is set."""
        name = "sms_twilio_token_file" if gateway == "twilio" else _SECRET_SETTING.format(gateway)
        path = getattr(self, name, self.sms_generic_key_file)
        if path is None:
            return None
        return Credentials(
            read_secret(path, name.upper()),
            method=getattr(self, f"sms_{gateway}_signature_method", ""),
            public_url=self.sms_public_url,
            max_age_ms=self.sms_signature_max_age_seconds * 1000,
        )

    def all_status_names(self) -> dict[str, str]:
        """Status names that are understood, beside the TMF621 statuses themselves."""
        return STATUS_NAMES | self.status_names


class SmppSettings(ServiceSettings):
    """What the SMPP receiver reads beside the settings of every service."""

    smpp_host: str = Field("", description="Message centre to connect to; must be set.")
    smpp_port: int = Field(2775, ge=1, le=65_535, description="Port of the message centre.")
    smpp_system_id: str = Field("", description="Login at the message centre; must be set.")
    smpp_password_file: Path | None = Field(None, description="File with the password of the login; unset: none.")
    smpp_system_type: str = Field("", description="System type, where the message centre wants one.")
    smpp_address_range: str = Field(
        "", description="Addresses to receive for, where the centre wants them in the bind."
    )
    smpp_bind: str = Field(
        "transceiver", pattern="^(transceiver|receiver)$", description="transceiver, or receiver for old centres."
    )
    smpp_tls: bool = Field(False, description="Connect by TLS, with the certificate checked.")
    smpp_tls_ca_file: Path | None = Field(None, description="Certificates to trust, PEM; unset: the system's own.")
    smpp_enquire_link_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Silence after which the link is tested by enquire_link."
    )
    smpp_response_seconds: float = Field(
        10.0, gt=0, le=300, description="Time for the centre to answer; then the link is given up."
    )
    smpp_window: int = Field(
        100, ge=1, le=10_000, description="Messages that may wait for the broker at once; more are not read."
    )
    smpp_reconnect_seconds: float = Field(1.0, gt=0, le=60, description="First pause before connecting again.")
    smpp_reconnect_max_seconds: float = Field(60.0, gt=0, le=3_600, description="Longest pause between attempts.")
