"""python -m deploy.local.clickhouse: ClickHouse's engine behind its HTTP interface."""

import argparse
import sys
from pathlib import Path

import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings

from deploy.local.clickhouse.app import Application
from deploy.local.clickhouse.config import write_config
from deploy.local.clickhouse.engine import Engine
from services.runtime import cli
from services.runtime.settings import load

GRACE_SECONDS = 5


class FrontSettings(BaseSettings):
    """Settings of the local ClickHouse."""

    clickhouse_host: str = Field("127.0.0.1", description="Address it listens on.")
    clickhouse_port: int = Field(8123, ge=1, le=65_535, description="Port it listens on.")
    clickhouse_data: Path = Field(Path(".local/data/clickhouse"), description="Folder of its data.")
    clickhouse_password: str = Field("", description="Password of the user default.")
    clickhouse_memory_mb: int = Field(1536, ge=256, description="Memory that queries may take together.")
    clickhouse_threads: int = Field(2, ge=1, le=256, description="Threads of one query.")


def serve(_: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    settings = load(FrontSettings)
    config = write_config(settings.clickhouse_data, settings.clickhouse_memory_mb, settings.clickhouse_threads)
    with Engine(settings.clickhouse_data / "store", config) as engine:
        uvicorn.run(
            Application(engine, settings.clickhouse_password),
            host=settings.clickhouse_host,
            port=settings.clickhouse_port,
            http="httptools",
            loop="uvloop",
            ws="none",
            access_log=False,
            log_level="warning",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
    return cli.EXIT_OK


def main() -> int:
    """Entry point."""
    parser = cli.Parser(
        prog="python -m deploy.local.clickhouse",
        description="ClickHouse's engine behind its HTTP interface.",
        epilog="example: CLICKHOUSE_PORT=8123 python -m deploy.local.clickhouse\n"
        "         curl 'http://127.0.0.1:8123/?query=SELECT+version()'",
    )
    parser.set_defaults(run=serve)
    return cli.run(parser)


if __name__ == "__main__":
    sys.exit(main())
