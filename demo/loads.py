"""The batch side of the demo: call-centre exports and web forms, loaded by command, and loaded again a while later."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo import call_center, web_forms
from demo.commands import Commands
from demo.messages import Form


@dataclass(frozen=True, slots=True)
class Loads:
    """Files and a database in one folder, and the commands that load them."""

    commands: Commands
    folder: Path
    forms: list[Form]
    now: int
    history: Path | None
    """A further export, if there is one."""

    @property
    def count(self) -> int:
        """How many commands exports() and tables() run together."""
        return 4 + bool(self.history)

    def exports(self, step: Callable[[], None]) -> None:
        """Load the call-centre exports, then the later ones: some statuses have changed, the rest is known already."""
        for later in (False, True):
            folder = self.folder / ("later" if later else "first")
            call_center.write(folder, self.now, later=later)
            self._load(step, "call_center_csv", str(folder), "--name", "branches")

    def tables(self, step: Callable[[], None]) -> None:
        """Load the web forms, the further export, and the web forms again after some were worked on."""
        database = self.folder / "web_forms.db"
        url = f"sqlite:///{database.absolute()}"
        web_forms.create(database, self.forms, self.now)
        self._load(step, "web_forms", url, "--table", web_forms.TABLE, "--name", "website")
        if self.history:
            self._load(step, "call_center_csv", str(self.history), "--name", "history")
        web_forms.work_on(database, self.forms, self.now)
        self._load(step, "web_forms", url, "--table", web_forms.TABLE, "--name", "website")

    def _load(self, step: Callable[[], None], *args: str) -> None:
        self.commands.python("-m", "services.batch_loader", "load", *args)
        step()


def rows_of(path: Path) -> int:
    """Rows of a CSV file without its header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1
