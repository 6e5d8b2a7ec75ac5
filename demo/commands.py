"""Runs the project's own commands as a person would, against the stack of the demo."""

import os
import subprocess
import sys
from collections.abc import Mapping

from deploy.local.processes import ROOT
from services.runtime.errors import PipelineError


class CommandFailed(PipelineError):
    """A command ended with another exit code than 0. The message ends with its last line."""


class Commands:
    """Commands with the settings that reach one stack.

    >>> Commands({}).python("-c", "print('done')")
    'done'
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {**os.environ, **env}

    def python(self, *args: str, timeout: float = 120.0) -> str:
        """Run Python with these arguments in the project's folder; what it printed, trimmed."""
        shown = " ".join(args[:4])
        try:
            done = subprocess.run(
                [sys.executable, *args],
                env=self._env,
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CommandFailed(f"python {shown}: not done after {timeout:.0f} s") from error
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise CommandFailed(f"python {shown}: exit code {done.returncode}: {''.join(last)}")
        return done.stdout.strip()
