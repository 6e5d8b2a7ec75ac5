"""The transactional stage, passing records through, beside a plain Faust agent on the same broker in the same run."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from bench.figures import Figure
from deploy.local.kafka import LocalKafka
from services.runtime import kafka, topics
from services.runtime.settings import ServiceSettings

VALUE: Final = b"\0\0\0\0\x01" + b"x" * 300
PATIENCE: Final = 90.0
ROUNDS: Final = 3


def measure(quick: bool = False) -> list[Figure]:
    """Events a second of both, the median of ROUNDS rounds, and their ratio."""
    many, few = (60_000, 6_000) if quick else (600_000, 40_000)
    rounds = 1 if quick else ROUNDS
    with tempfile.TemporaryDirectory() as folder, LocalKafka(Path(folder) / "kafka") as broker:
        stage = [
            _round(broker, Path(folder), f"s{n}.", "bench.workers.stage_app", "silver.realtime", many)
            for n in range(rounds)
        ]
        plain = [
            _round(broker, Path(folder), f"p{n}.", "bench.workers.plain_faust", "silver.batch", few)
            for n in range(rounds)
        ]
    best, other = statistics.median(stage), statistics.median(plain)
    spread = f"median of {rounds}: {min(stage):,.0f} to {max(stage):,.0f}"
    return [
        Figure("transactional stage in a Faust worker, pass-through", best, "events/s", 100_000, note=spread),
        Figure("plain Faust agent, pass-through", other, "events/s", note=f"{min(plain):,.0f} to {max(plain):,.0f}"),
        Figure("stage / plain Faust", best / other, "times", 15),
    ]


def _round(broker: LocalKafka, folder: Path, prefix: str, app: str, output: str, number: int) -> float:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "TOPIC_PREFIX": prefix,
        "DATA_DIR": str(folder / prefix),
        "BATCH_MAX_RECORDS": "10000",
    }
    settings = ServiceSettings(kafka_bootstrap_servers=broker.bootstrap, topic_prefix=prefix)
    topics.ensure(settings)
    (folder / prefix).mkdir()
    _fill(settings, number)
    with _worker(app, environment):
        return _rate(settings, output, number)


def _fill(settings: ServiceSettings, number: int) -> None:
    producer = kafka.producer(settings)
    for index in range(number):
        while True:
            try:
                producer.produce(settings.topic("bronze.realtime"), VALUE, b"%04x" % (index % 65_536))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()


@contextmanager
def _worker(app: str, environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "faust", "-A", app, "worker", "--without-web", "-l", "error"]
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _rate(settings: ServiceSettings, output: str, number: int) -> float:
    """Records a second by the broker's own clock, from the first output to the last."""
    reader = kafka.reader(settings)
    places = [TopicPartition(settings.topic(output), number, 0) for number in range(settings.topic_partitions)]
    reader.assign(places)
    times: list[int] = []
    deadline = time.monotonic() + PATIENCE
    while len(times) < number:
        times += _times(reader)
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {len(times)} of {number} records came out of the worker within {PATIENCE:.0f} s")
    reader.close()
    times.sort()
    first = times[0]
    after_first = sum(at > first for at in times)
    return after_first / max((times[-1] - first) / 1000, 0.001)


def _times(reader: Consumer) -> list[int]:
    # asked in large steps: the reader shares the machine with what is measured
    time.sleep(0.2)
    found = []
    for message in reader.consume(200_000, 0.05):
        error = message.error()
        if error is None:
            found.append(message.timestamp()[1])
        elif error.code() != KafkaError._PARTITION_EOF:
            raise RuntimeError(error.name())
    return found
