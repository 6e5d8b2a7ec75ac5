"""Settings of the sink, on top of what every service reads."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import ServiceSettings


class SinkSettings(ServiceSettings):
    """What the sink reads from the environment."""

    clickhouse_user: str = Field("default", description="User of the warehouse.")
    clickhouse_password_file: Path | None = Field(
        None, description="File with that user's password; none: no password."
    )
    clickhouse_cluster: str = Field(
        "", pattern=r"^[\w.-]*$", description="Cluster for ON CLUSTER and replicated tables; empty: a single node."
    )
    clickhouse_timeout_seconds: float = Field(
        60.0, gt=0, le=240, description="Longest insert or query; below max.poll.interval."
    )
    sink_flush_rows: int = Field(20_000, ge=1, le=200_000, description="Rows of one insert at most.")
    sink_flush_bytes: int = Field(32 * 1_048_576, ge=65_536, le=268_435_456, description="Bytes of one insert at most.")
    sink_flush_ms: int = Field(250, ge=1, le=60_000, description="A row waits no longer before it is inserted.")
    sink_marts_seconds: float = Field(5.0, gt=0, le=3_600, description="How often touched days are counted again.")
    report_host: str = Field("127.0.0.1", description="Address of the live report.")
    report_port: int = Field(8080, ge=0, le=65_535, description="Port of the live report.")
    report_refresh_seconds: int = Field(15, ge=5, le=3_600, description="How often an open live report loads anew.")
