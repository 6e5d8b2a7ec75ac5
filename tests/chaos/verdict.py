"""What must be true afterwards, checked from outside: every accepted complaint is one row, every mart a recount."""

import os
import subprocess
import sys
import threading

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from deploy.local.stack import Stack
from services.domain.bronze import complaint_id, event_id
from services.runtime.settings import ServiceSettings
from tests.chaos.traffic import Accepted

RECONCILE_SECONDS = 180

DUPLICATES = {
    "complaints": "SELECT count() - uniqExact(complaint_id) FROM complaints",
    "events": "SELECT count() - uniqExact(event_id) FROM events",
}


class DuplicateWatch(threading.Thread):
    """Asks the views all the time: at no moment may one show a duplicate."""

    def __init__(self, client: Client) -> None:
        super().__init__(name="duplicates", daemon=True)
        self._client = client
        self._stop_asking = threading.Event()
        self.asked = 0
        self.seen: list[str] = []

    def run(self) -> None:
        """Ask until stopped; a warehouse that is away is asked again."""
        while not self._stop_asking.wait(0.5):
            for view, query in DUPLICATES.items():
                try:
                    number = self._client.query(query).result_rows[0][0]
                except ClickHouseError:
                    continue
                self.asked += 1
                if number:
                    self.seen.append(f"{view} showed {number} duplicates")

    def end(self) -> None:
        """Stop asking."""
        self._stop_asking.set()
        self.join(30)


def expected(accepted: Accepted, settings: ServiceSettings) -> set[str]:
    """Event ids that must be in the warehouse, computed from the sources' own ids."""
    ids = settings.id_key()
    return {
        event_id(ids, complaint_id(ids, source, own_id), 0) for source, own in accepted.ids.items() for own_id in own
    }


def problems(stack: Stack, client: Client, accepted: Accepted) -> list[str]:
    """Everything that is wrong; empty when the pipeline kept its promises."""
    found = []
    proof = subprocess.run(
        [sys.executable, "-m", "services.sink", "reconcile", "--wait", str(RECONCILE_SECONDS)],
        env=os.environ | stack.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if proof.returncode:
        found.append(f"reconcile: {proof.stdout[-2000:]}{proof.stderr[-500:]}")
    settings = ServiceSettings(id_key_file=stack.env["ID_KEY_FILE"])  # type: ignore[arg-type]
    wanted = expected(accepted, settings)
    rows = {str(event) for (event,) in client.query("SELECT event_id FROM complaint_events FINAL").result_rows}
    if wanted - rows:
        found.append(f"{len(wanted - rows)} accepted complaints are not in the warehouse")
    if rows - wanted:
        found.append(f"{len(rows - wanted)} rows are of no accepted complaint")
    doubled = client.query("SELECT count() - uniqExact(event_id) FROM complaint_events FINAL").result_rows[0][0]
    if doubled:
        found.append(f"{doubled} events have two rows")
    malformed = client.query(
        "SELECT uniqExact(dead_letter_id) FROM dead_letters WHERE reason = 'malformed'"
    ).result_rows
    if malformed[0][0] != accepted.malformed:
        found.append(f"{malformed[0][0]} malformed dead letters, {accepted.malformed} were sent")
    return found + _marts(client)


def _marts(client: Client) -> list[str]:
    mart = client.query(
        "SELECT channel, category, priority, sum(complaints), sum(contacts) FROM complaint_volume "
        "WHERE period = 'day' GROUP BY channel, category, priority HAVING sum(contacts) > 0 ORDER BY ALL"
    ).result_rows
    recount = client.query(
        "SELECT channel, if(is_complaint, category, 'other') AS c, priority, "
        "countIf(is_complaint AND duplicate_of IS NULL), count() FROM complaints "
        "GROUP BY channel, c, priority ORDER BY ALL"
    ).result_rows
    return [] if mart == recount else [f"complaint_volume differs from a recount: {mart} against {recount}"]
