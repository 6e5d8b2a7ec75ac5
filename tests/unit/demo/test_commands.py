"""Running the project's commands."""

from pathlib import Path

import pytest

from demo.commands import CommandFailed, Commands
from demo.loads import rows_of
from deploy.local.processes import ROOT


def test_settings_reach_the_command_and_its_folder_is_the_projects() -> None:
    commands = Commands({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:5"})
    said = commands.python("-c", "import os; print(os.environ['KAFKA_BOOTSTRAP_SERVERS'], os.getcwd())")
    assert said == f"127.0.0.1:5 {ROOT}"


def test_a_failure_tells_the_exit_code_and_the_last_line() -> None:
    with pytest.raises(CommandFailed, match="exit code 3: no broker"):
        Commands({}).python("-c", "import sys; print('starting\\nno broker', file=sys.stderr); sys.exit(3)")


def test_rows_are_counted_as_csv_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text('id,text\n1,"two\nlines"\n2,b\n', encoding="utf-8-sig")
    assert rows_of(path) == 2
