"""The house: services import neither each other nor upward; Kafka, clocks and environment stay out of pure code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(
    path.name
    for path in (ROOT / "services").iterdir()
    if path.is_dir() and path.name not in {"runtime", "domain"} and (path / "__init__.py").exists()
)
FILES = sorted(path for folder in ("services", "schemas", "deploy") for path in (ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _forbidden(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).parts
    upward = ("tests", "bench", "demo")
    if parts[0] == "schemas":
        # its command line borrows the runtime's parser; the contracts themselves know nothing of us
        return (*upward, "deploy") if path.name == "__main__.py" else (*upward, "deploy", "services")
    if parts[0] == "deploy":
        return (*upward, *(f"services.{name}" for name in SERVICES))
    others = tuple(f"services.{name}" for name in SERVICES if name != parts[1])
    if parts[1] == "domain":
        return (*upward, "deploy", "schemas", "services.runtime", *others)
    return (*upward, "deploy", *others)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_imports_upward_or_a_neighbour(path: Path) -> None:
    forbidden = _forbidden(path)
    wrong = [
        name for name in _imports(path) if any(name == barred or name.startswith(f"{barred}.") for barred in forbidden)
    ]
    assert wrong == []


PURE = [
    *sorted((ROOT / "services" / "domain").rglob("*.py")),
    *sorted((ROOT / "services" / "cleaner" / "masking").rglob("*.py")),
    *sorted((ROOT / "services" / "classifier" / "model").rglob("*.py")),
    *sorted((ROOT / "services" / "ingest_sms" / "gateways").rglob("*.py")),
    *[ROOT / "services" / "cleaner" / f"{name}.py" for name in ("handler", "silver", "reposts", "seen", "state")],
    *[ROOT / "services" / "classifier" / f"{name}.py" for name in ("handler", "gold", "recurrence", "clocks")],
]


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_code_knows_no_broker_and_no_warehouse(path: Path) -> None:
    clients = ("confluent_kafka", "faust", "aiokafka", "clickhouse_connect", "services.runtime.kafka")
    assert [name for name in _imports(path) if name.startswith(clients)] == []


def test_every_service_of_the_card_is_there() -> None:
    assert {"ingest_sms", "ingest_social", "batch_loader", "cleaner", "classifier", "sink"} <= set(SERVICES)
