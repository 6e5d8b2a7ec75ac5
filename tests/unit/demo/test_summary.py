"""The summary that is printed."""

from rich.console import Console

from demo import summary
from tests.unit.demo.test_found import EXPECTED, GOOD


def test_it_tells_every_count() -> None:
    console = Console(width=120)
    with console.capture() as printed:
        summary.show(console, EXPECTED, GOOD, "all layers balance")
    text = printed.get()
    for word in ("sms", "P5", "network_outage", "2 malformed", "2 PHONE", "Lagos/Ikorodu", "25 customers", "cleaner"):
        assert word in text
    assert "median 0.20 s" in text
    assert "5 of 6" in text
    assert "all layers balance" in text
