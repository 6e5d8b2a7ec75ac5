"""Runs a command that cannot outlive the process that started it.

    python -I -S tether.py PARENT_PID COMMAND [ARGUMENT...]

On Linux the kernel sends SIGKILL to the command when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG),
however that came about. This file imports nothing heavy: it runs before each process of the stack.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel was asked
            raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
