"""Settings of every service, from environment variables; secrets from files."""

import base64
import binascii
import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.domain.identity import IdKey, KeyVersion, PseudonymKeys
from services.runtime.errors import SettingsError

_PREFIX = re.compile(r"[a-zA-Z0-9._-]*")


class KafkaSettings(BaseSettings):
    """How to reach Kafka. Any KAFKA_SASL_* or KAFKA_SSL_* variable is passed to librdkafka under its own name."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore")

    kafka_bootstrap_servers: str = Field("127.0.0.1:9092", description="Brokers, host:port, comma-separated.")
    kafka_security_protocol: str = Field("plaintext", description="plaintext, ssl, sasl_plaintext or sasl_ssl.")
    topic_prefix: str = Field("", description="Put before every topic, group and transactional id.")
    topic_partitions: int = Field(12, ge=1, le=10_000, description="Partitions of the topics that are created.")
    topic_replication: int = Field(1, ge=1, le=9, description="Replication of the topics that are created.")

    @field_validator("topic_prefix")
    @classmethod
    def _legal_prefix(cls, value: str) -> str:
        if not _PREFIX.fullmatch(value):
            raise ValueError("may hold only letters, digits, dot, underscore and hyphen")
        return value

    def topic(self, name: str) -> str:
        """The real name of a topic, group or transactional id."""
        return f"{self.topic_prefix}{name}"

    def logical(self, name: str) -> str:
        """The logical name of a topic: without TOPIC_PREFIX."""
        return name.removeprefix(self.topic_prefix)

    def librdkafka(self) -> dict[str, Any]:
        """The part of a confluent_kafka configuration that says where the broker is and how to log in."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
        }
        for name, value in os.environ.items():
            if not name.startswith(("KAFKA_SASL_", "KAFKA_SSL_")):
                continue
            option = name.removeprefix("KAFKA_").lower().replace("_", ".")
            if option.endswith(".file"):
                option, value = option.removesuffix(".file"), read_secret(Path(value), name)
            config[option] = value
        return config


class ServiceSettings(KafkaSettings):
    """What every service reads."""

    clickhouse_url: str = Field("http://127.0.0.1:8123", description="ClickHouse's HTTP interface.")
    clickhouse_database: str = Field("complaints", pattern=r"^\w+$", description="Database of the warehouse.")
    schema_registry_url: str = Field("", description="Confluent-compatible registry; empty: schemas/ids.json.")
    pseudonym_keys_file: Path = Field(
        Path(".local/secrets/pseudonym-keys.json"),
        description="Versioned pseudonym keys with valid_from, JSON.",
    )
    id_key_file: Path = Field(
        Path(".local/secrets/id.key"), description="Key of ids and routing, base64, never rotated."
    )
    metrics_port: int = Field(0, ge=0, le=65_535, description="Port of /metrics and /health; 0 picks a free one.")
    metrics_host: str = Field("0.0.0.0", description="Address of /metrics and /health.")  # noqa: S104
    log_level: str = Field("INFO", pattern="(?i)^(debug|info|warning|error)$", description="Least level logged.")
    instance: str = Field(
        "0", pattern=r"^[\w.-]+$", description="Slot of this instance: stable, e.g. a StatefulSet's ordinal."
    )
    data_dir: Path = Field(
        Path(".local/data"), description="Where a service may keep local files; a cache, never the truth."
    )
    static_membership: bool = Field(
        True,
        description="Keep the group's slot over a restart (KIP-345); false: leave the group at every stop.",
    )
    batch_max_records: int = Field(5_000, ge=1, le=100_000, description="Records of one transaction at most.")
    batch_linger_ms: int = Field(
        100, ge=0, le=1_000, description="A busy stage starts a transaction this often at most; an idle one at once."
    )
    batch_lane_share: float = Field(0.05, ge=0.0, le=0.9, description="Share of time the batch lane always gets.")
    session_timeout_ms: int = Field(10_000, ge=6_000, le=300_000, description="After this silence an instance is out.")
    transaction_timeout_ms: int = Field(
        10_000, ge=1_000, le=900_000, description="A killed transaction holds readers no longer."
    )

    def check_secrets(self) -> None:
        """End the process with one clear line when a key file is missing or wrong."""
        try:
            self.id_key()
            self.pseudonym_keys()
        except SettingsError as error:
            stop(str(error))

    def id_key(self) -> IdKey:
        """The key of ids and routing."""
        return IdKey(_decode(read_secret(self.id_key_file, "ID_KEY_FILE"), "ID_KEY_FILE"))

    def pseudonym_keys(self) -> PseudonymKeys:
        """The versioned pseudonym keys."""
        text = read_secret(self.pseudonym_keys_file, "PSEUDONYM_KEYS_FILE")
        try:
            entries = json.loads(text)["keys"]
            return PseudonymKeys(
                KeyVersion(
                    int(entry["version"]),
                    int(datetime.fromisoformat(entry["valid_from"]).timestamp() * 1000),
                    _decode(entry["key"], "PSEUDONYM_KEYS_FILE"),
                )
                for entry in entries
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(
                f"PSEUDONYM_KEYS_FILE: {self.pseudonym_keys_file} must hold "
                '{"keys":[{"version":1,"valid_from":"2020-01-01T00:00:00Z","key":"<base64>"}]}'
            ) from error


def read_secret(path: Path, setting: str) -> str:
    """Content of a secret file, trimmed; SettingsError with the setting's name when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{setting}: cannot read {path} ({error.strerror}); create it or set {setting}") from error


def _decode(text: str, setting: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{setting}: the key must be base64") from error


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def load(settings: type[SettingsT]) -> SettingsT:
    """Settings from the environment; on a wrong one, one line on stderr and exit code 2."""
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        stop(f"setting {name}: {first['msg']}")


def stop(message: str) -> NoReturn:
    """End the process with one line on stderr and exit code 2."""
    print(message, file=sys.stderr)
    raise SystemExit(2)
