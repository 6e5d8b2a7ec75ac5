"""Numbered complaints over HTTP, topics and files, with redeliveries, reposts and rubbish; keeps who was accepted."""

import csv
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from deploy.local.stack import Stack
from services.runtime import kafka

REDELIVERED: Final = 0.05
REPOSTED: Final = 0.02
MALFORMED: Final = 0.01
TEXTS: Final = (
    "No network for Ajah since morning, I cannot call anybody, ref {n}",
    "You people deducted my money again, refund me now, case {n}",
    "Data no dey work since yesterday, abeg fix am, number {n}",
    "I recharged 2000 naira and my balance did not change, try {n}",
)


@dataclass
class Accepted:
    """What the pipeline said yes to: the sources' own ids, and how many bad records it was given."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    """Source -> own ids."""
    malformed: int = 0
    redelivered: int = 0
    reposted: int = 0
    refused: int = 0
    """Requests that were answered 429 or 503, or not at all: they were sent again."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, source: str, own_id: str) -> None:
        """One more."""
        with self.lock:
            self.ids.setdefault(source, set()).add(own_id)

    def total(self) -> int:
        """Different complaints."""
        return sum(map(len, self.ids.values()))


class Traffic:
    """Threads that send until stopped. Everything they choose comes from the seed."""

    def __init__(self, stack: Stack, folder: Path, seed: int, rate: float) -> None:
        self._stack = stack
        self._folder = folder
        self._seed = seed
        self._pause = 1 / rate
        self._stop = threading.Event()
        self.accepted = Accepted()
        self.failures: list[BaseException] = []
        sends = (self._http, self._sms_topic, self._social_topic, self._files)
        self._threads = [threading.Thread(target=self._safely, args=(send,), daemon=True) for send in sends]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; returns when everything that was begun is acknowledged or given up."""
        self._stop.set()
        for thread in self._threads:
            thread.join(180)
        if self.failures:
            raise self.failures[0]

    def _safely(self, send: Callable[[random.Random], None]) -> None:
        try:
            send(random.Random(f"{self._seed} {send.__name__}"))
        except BaseException as error:
            self.failures.append(error)

    def _http(self, rng: random.Random) -> None:
        """Messages one by one; what is not answered with 200 is sent again, as gateways do."""
        url = self._stack.url("ingest_sms") + "/v1/sms/generic"
        number, last = 0, ""
        with httpx.Client(timeout=10) as client:
            while not self._stop.wait(self._pause):
                if rng.random() < MALFORMED:
                    self._post(client, url, b"{broken", 400)
                    continue
                own_id, text = f"h{number}", rng.choice(TEXTS).format(n=number)
                if last and rng.random() < REPOSTED:
                    text, sender = last, "08030000001"
                    self.accepted.reposted += 1
                else:
                    sender = f"0803{rng.randrange(10**7):07d}"
                if number % 50 == 0:
                    last, sender = text, "08030000001"
                body = json.dumps(
                    {"message_id": own_id, "sender": sender, "text": text, "sent_at": int(time.time() * 1000)}
                ).encode()
                for _ in range(2 if rng.random() < REDELIVERED else 1):
                    self._post(client, url, body, 200)
                self.accepted.add("sms:generic", own_id)
                number += 1

    def _post(self, client: httpx.Client, url: str, body: bytes, expected: int) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                status = client.post(url, content=body, headers={"Content-Type": "application/json"}).status_code
            except httpx.HTTPError:
                status = 0
            if status == expected:
                return
            assert status in (0, 429, 503), f"ingest_sms answered {status}"
            self.accepted.refused += 1
            time.sleep(0.2)
        raise TimeoutError("ingest_sms accepted nothing for two minutes")

    def _sms_topic(self, rng: random.Random) -> None:
        self._topic(rng, "ingest.sms", "sms:direct", lambda own, text, r: {
            "message_id": own, "sender": f"0805{r.randrange(10**7):07d}", "text": text,
            "sent_at": int(time.time() * 1000), "gateway": "direct",
        })  # fmt: skip

    def _social_topic(self, rng: random.Random) -> None:
        self._topic(rng, "ingest.social", "x", lambda own, text, r: {
            "post_id": own, "network": "x", "author_id": str(r.randrange(10**9)), "text": text,
            "created_at": int(time.time() * 1000),
        })  # fmt: skip

    def _topic(
        self,
        rng: random.Random,
        topic: str,
        source: str,
        made: Callable[[str, str, random.Random], dict[str, object]],
    ) -> None:
        """Records in rounds; a round counts once the broker has confirmed it."""
        settings = self._stack.kafka_settings()
        producer = kafka.producer(settings, delivery_timeout_ms=120_000)
        number = 0
        while not self._stop.wait(self._pause * 10):
            values: list[bytes] = []
            own_ids = []
            for _ in range(10):
                if rng.random() < MALFORMED:
                    values.append(b"{broken")
                    self.accepted.malformed += 1
                    continue
                own_id = f"{topic[-2:]}{number}"
                value = json.dumps(made(own_id, rng.choice(TEXTS).format(n=number), rng)).encode()
                values += [value] * (2 if rng.random() < REDELIVERED else 1)
                own_ids.append(own_id)
                number += 1
            for value in values:
                producer.produce(settings.topic(topic), value)
            assert producer.flush(120) == 0, "the broker did not confirm for two minutes"
            for own_id in own_ids:
                self.accepted.add(source, own_id)

    def _files(self, rng: random.Random) -> None:
        """An export every few seconds; a load that fails is run again, as a scheduler does."""
        number = 0
        while not self._stop.wait(4.0):
            path = self._folder / f"calls-{number}.csv"
            rows = [
                (f"f{number}-{row}", f"0802{rng.randrange(10**7):07d}", rng.choice(TEXTS).format(n=row))
                for row in range(40)
            ]
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(("complaint_id", "customer_phone", "complaint_text", "request_date", "status"))
                now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
                writer.writerows((*row, now, "Backlog") for row in rows)
            self._load(path)
            for own_id, *_ in rows:
                self.accepted.add("call_center:chaos", own_id)
            number += 1

    def _load(self, path: Path) -> None:
        command = [sys.executable, "-m", "services.batch_loader", "load", "call_center_csv", str(path)]
        for _ in range(30):
            done = subprocess.run(
                [*command, "--name", "chaos"],
                env=os.environ | self._stack.env,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return
            time.sleep(2)
        raise RuntimeError(f"the batch loader failed thirty times: {done.stderr.strip()[-300:]}")
