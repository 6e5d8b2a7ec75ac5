"""Settings of the local stack: where it keeps its state, where each part listens, which servers it brings itself."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from deploy.local.processes import ROOT, free_ports

Port = Annotated[int, Field(ge=1, le=65_535)]


class Ports(BaseSettings):
    """Ports of all parts, each moved by the environment variable of its name.

    >>> Ports(kafka_port=19092).kafka_port
    19092
    """

    kafka_port: Port = Field(9092, description="Kafka.")
    clickhouse_port: Port = Field(8123, description="ClickHouse's HTTP interface.")
    ingest_sms_port: Port = Field(8081, description="SMS gateways.")
    ingest_social_port: Port = Field(8082, description="Webhooks of social networks.")
    api_port: Port = Field(8083, description="The read-only API.")
    report_port: Port = Field(8080, description="The live report.")
    ingest_sms_metrics_port: Port = Field(8091, description="Metrics of ingest_sms.")
    ingest_social_metrics_port: Port = Field(8092, description="Metrics of ingest_social.")
    cleaner_metrics_port: Port = Field(8093, description="Metrics and health of the cleaner.")
    classifier_metrics_port: Port = Field(8094, description="Metrics and health of the classifier.")
    sink_metrics_port: Port = Field(8095, description="Metrics and health of the sink.")
    report_metrics_port: Port = Field(8097, description="Metrics of the live report.")
    api_metrics_port: Port = Field(8096, description="Metrics of the API.")

    @classmethod
    def free(cls) -> Self:
        """Ports on which nobody listens now, so that a second stack runs beside the first."""
        return cls.model_validate(dict(zip(cls.model_fields, free_ports(len(cls.model_fields)), strict=True)))

    def of(self, setting: str) -> int:
        """The port that an environment variable moves, e.g. of("KAFKA_PORT")."""
        return int(getattr(self, setting.lower()))


class StackSettings(BaseSettings):
    """What `make up`, `make down` and `make status` read from the environment."""

    stack_root: Path = Field(
        Path(".local"),
        description="Folder of the stack's data, logs, secrets and downloads; from the checkout on, if relative.",
    )
    kafka_bootstrap_servers: str = Field("", description="A Kafka of yours; empty: the stack starts one.")
    clickhouse_url: str = Field("", description="A ClickHouse of yours; empty: the stack starts its engine.")
    stack_partitions: int = Field(
        4, ge=1, le=64, description="Partitions of topics on one machine; each costs the sink an insert a round."
    )
    kafka_heap_mb: int = Field(512, ge=128, description="Heap of the local Kafka.")
    clickhouse_memory_mb: int = Field(1536, ge=256, description="Memory that the local ClickHouse's queries may take.")
    clickhouse_threads: int = Field(2, ge=1, le=256, description="Threads of one query of the local ClickHouse.")

    @field_validator("stack_root")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return ROOT / value
