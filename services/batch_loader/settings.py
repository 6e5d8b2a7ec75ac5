"""Settings of the batch loader."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import ServiceSettings


class BatchSettings(ServiceSettings):
    """What the batch loader reads on top of every service's settings."""

    batch_manifest_url: str = Field(
        "sqlite:///.local/data/manifest.db",
        description="Database that remembers what was loaded, as an SQLAlchemy URL: SQLite or PostgreSQL.",
    )
    batch_archive_url: str = Field(
        "", description="Folder or object store that keeps loaded files by content hash; empty: none is kept."
    )
    batch_sources_file: Path = Field(
        Path("sources.yaml"), description="YAML list of sources, for `run` and `load --source`."
    )
    batch_chunk_rows: int = Field(5_000, ge=100, le=50_000, description="Rows that are acknowledged together.")
