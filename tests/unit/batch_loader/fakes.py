"""Stand-ins for the broker, and a source on disk, for tests of loading."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from services.batch_loader.files.locate import find
from services.batch_loader.load_files import FileLoads
from services.batch_loader.session import Session
from services.batch_loader.settings import BatchSettings
from services.batch_loader.sources import Source
from services.batch_loader.summary import Summary
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy
from services.runtime.ledger import Landed, Outputs
from services.runtime.publish import Publication

CODEC = Codec()
RECORDS = {"bronze.batch": "BronzeEvent", "dead-letters": "DeadLetter", "ledger": "LedgerEntry"}


class FakeShipment:
    """Records that a fake broker has, or lost."""

    def __init__(self, records: Sequence[Publication], broken: bool) -> None:
        self._records = records
        self._broken = broken

    def wait(self) -> Outputs:
        """As KafkaShipment."""
        if self._broken:
            raise BrokerBusy("the broker is away")
        outputs = Outputs()
        for record in self._records:
            outputs.landed.setdefault((record.topic, 0, 0), Landed()).add(0)
        return outputs


class FakeBroker:
    """Keeps what it is sent; from the shipment `breaks_at` on it takes records and acknowledges nothing."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.records: list[Publication] = []
        self.shipments = 0
        self._breaks_at = breaks_at

    def send(self, records: Sequence[Publication]) -> FakeShipment:
        """As KafkaChannel."""
        self.shipments += 1
        self.records += records
        return FakeShipment(records, self._breaks_at is not None and self.shipments > self._breaks_at)

    def of(self, topic: str) -> list[dict[str, Any]]:
        """The decoded records of a topic."""
        return [CODEC.decode(RECORDS[topic], record.value) for record in self.records if record.topic == topic]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Bronze events."""
        return self.of("bronze.batch")


class Place:
    """A folder with a manifest and an id key, where files of one source are loaded."""

    def __init__(self, folder: Path, manifest_url: str = "") -> None:
        self.folder = folder
        key = folder / "id.key"
        key.write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        self.settings = BatchSettings(
            id_key_file=key, batch_manifest_url=manifest_url or f"sqlite:///{folder}/manifest.db", batch_chunk_rows=100
        )
        self.files = folder / "files"
        self.files.mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of the source."""
        path = self.files / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self, path: Path | str, broker: FakeBroker | None = None, again: bool = False, **source: Any
    ) -> tuple[Summary, FakeBroker]:
        """Load a file or folder into a fake broker."""
        broker = broker or FakeBroker()
        of = Source(**{"kind": "call_center_csv", "name": "lagos"} | source)
        with Session(self.settings, of, quiet(), broker) as session:
            return FileLoads(session, again).run(find(str(path))), broker


def quiet() -> Console:
    """A console that nobody reads."""
    return Console(file=io.StringIO())
