"""The batch side of the demo: call-centre exports and web forms, loaded by command, and loaded again a while later."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo import call_center, web_forms
from demo.commands import Commands
from demo.messages import Form

LOADER = ("-m", "services.batch_loader", "load")


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
        """How many commands first() and later() run together."""
        return 4 + bool(self.history)

    def first(self, step: Callable[[], None]) -> None:
        """Load everything in its first state."""
        web_forms.create(self._database, self.forms, self.now)
        self._exports(step, later=False)
        self._web_forms(step)
        if self.history:
            self.commands.python(*LOADER, "call_center_csv", str(self.history), "--name", "history")
            step()

    def later(self, step: Callable[[], None]) -> None:
        """Load the exports and the table once more: some statuses have changed, the rest is known already."""
        web_forms.work_on(self._database, self.forms, self.now)
        self._exports(step, later=True)
        self._web_forms(step)

    @property
    def _database(self) -> Path:
        return self.folder / "web_forms.db"

    def _exports(self, step: Callable[[], None], *, later: bool) -> None:
        folder = self.folder / ("later" if later else "first")
        call_center.write(folder, self.now, later=later)
        self.commands.python(*LOADER, "call_center_csv", str(folder), "--name", "branches")
        step()

    def _web_forms(self, step: Callable[[], None]) -> None:
        url = f"sqlite:///{self._database.absolute()}"
        self.commands.python(*LOADER, "web_forms", url, "--table", web_forms.TABLE, "--name", "website")
        step()


def rows_of(path: Path) -> int:
    """Rows of a CSV file without its header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1
