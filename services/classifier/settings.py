"""Settings of the classifier."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import ServiceSettings


class ClassifierSettings(ServiceSettings):
    """What the classifier reads beyond what every service does."""

    clock_policies_file: Path | None = Field(
        None, description="YAML of the clocks by category; empty: the shipped defaults."
    )
    planned_outages_file: Path | None = Field(
        None, description="YAML calendar of planned outages, which raise no incident; empty: none."
    )
