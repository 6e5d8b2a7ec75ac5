"""The sink as a child process that sends itself a signal at the nth time a step is reached.

usage: python -m tests.integration.sink_child [LANE STEP NTH SIGNAL]
Without arguments it is the service itself.
"""

import os
import signal
import sys
import threading

from services.runtime.logs import configure
from services.sink import service
from services.sink.ranges import Range
from services.sink.settings import SinkSettings


def main(lane: str, step: str, nth: int, name: str) -> None:
    """Land one lane; at the step, stop or die."""
    settings = SinkSettings()
    configure("sink")
    left = [nth]

    def told(reached: str, span: Range | None) -> None:
        if reached == step and (span is None or span.topic in service.LANES[lane]):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), getattr(signal, name))

    lander = service.lander_of(settings, service.LANES[lane], step=told)
    lander.run(service.join(settings, lane, service.LANES[lane], lambda: None), threading.Event())


if __name__ == "__main__":
    if len(sys.argv) == 1:
        raise SystemExit(service.main())
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
