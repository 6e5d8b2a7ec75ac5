"""Schema ids from a Confluent-compatible registry, over its real HTTP protocol."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import schemas
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy, CodecError

VALUE = {"erasure_id": "e", "keys": [], "requested_at": 1}


class Registry:
    """Answers POST /subjects/<s>/versions and GET /schemas/ids/<n>, as the Confluent API says."""

    def __init__(self) -> None:
        self.known: dict[int, str] = {}
        registry = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = next((n for n, s in registry.known.items() if s == body["schema"]), len(registry.known) + 1001)
                registry.known[number] = body["schema"]
                self._answer(200, {"id": number})

            def do_GET(self) -> None:
                number = int(self.path.partition("?")[0].rsplit("/", 1)[-1])
                if number in registry.known:
                    self._answer(200, {"schema": registry.known[number]})
                else:
                    self._answer(404, {"error_code": 40403, "message": "Schema not found"})

            def _answer(self, status: int, document: object) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    yield made
    made.stop()


def test_ids_come_from_the_registry_and_are_the_same_for_every_process(registry: Registry) -> None:
    encoded = Codec(registry.url).encode("Erasure", VALUE)
    assert encoded[:5] == b"\0" + (1001).to_bytes(4, "big")
    assert json.loads(registry.known[1001])["name"] == "Erasure"
    assert Codec(registry.url).decode("Erasure", encoded) == VALUE


def test_an_id_that_nobody_knows_is_an_unknown_schema(registry: Registry) -> None:
    with pytest.raises(CodecError) as unknown:
        Codec(registry.url).decode("Erasure", b"\0\0\0\x27\x0fxx")
    assert unknown.value.reason == "unknown_schema"


def test_what_was_asked_once_is_known_while_the_registry_is_away(registry: Registry) -> None:
    codec = Codec(registry.url)
    encoded = codec.encode("Erasure", VALUE)
    assert codec.decode("Erasure", encoded) == VALUE
    registry.stop()
    assert codec.decode("Erasure", encoded) == VALUE
    with pytest.raises(BrokerBusy):
        codec.decode("Incident", b"\0\0\0\x27\x10xx")


def test_every_record_has_a_name_that_its_subject_shows() -> None:
    assert all(schemas.current(record)["name"] == record for record in schemas.names())
