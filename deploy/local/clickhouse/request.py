"""What a client asks for over HTTP: query text, settings, bound parameters, session, formats and encodings."""

import base64
import binascii
import hmac
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from deploy.local.clickhouse.errors import EngineError, refusal

DEFAULT_USER = "default"
_RESERVED = frozenset(
    (
        *("query", "user", "password", "quota_key", "role", "query_id", "database", "stacktrace", "readonly"),
        *("session_id", "session_timeout", "session_check", "close_session"),
        *("default_format", "compress", "decompress", "buffer_size", "wait_end_of_query", "client_protocol_version"),
        *("enable_http_compression", "http_zlib_compression_level", "send_progress_in_http_headers"),
        *("http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"),
    )
)
"""Parameters for the HTTP layer; any other parameter is a setting of the engine."""
_PARAM = "param_"
_MAX_SESSION_SECONDS = 3600


@dataclass(slots=True)
class Request:
    """One request to the query interface."""

    method: str
    query: bytes
    """Text of the parameter `query`; the body follows it."""
    settings: dict[str, str | None]
    params: dict[str, str]
    """Values of {name:Type} placeholders, in ClickHouse's escaped form."""
    options: Mapping[str, str]
    headers: Mapping[str, str]
    query_id: str
    external: dict[str, bytes] = field(default_factory=dict)
    """Data of temporary tables sent as files of a multipart form, by table."""

    @property
    def database(self) -> str:
        """Current database of this request; empty: the session's, else default."""
        return self.options.get("database") or self.headers.get("x-clickhouse-database", "")

    @property
    def default_format(self) -> str:
        """Format of the result where the query names none."""
        header = self.headers.get("x-clickhouse-format")
        return self.options.get("default_format") or header or "TabSeparated"

    @property
    def session_id(self) -> str:
        """Session to use; empty: none."""
        return self.options.get("session_id", "")

    @property
    def session_timeout(self) -> int:
        """Seconds that the session outlives this request."""
        text = self.options.get("session_timeout", "60")
        if not text.isdigit() or not 0 < int(text) <= _MAX_SESSION_SECONDS:
            raise refusal(374, "INVALID_SESSION_TIMEOUT", f"Invalid session timeout: '{text[:20]}'")
        return int(text)

    @property
    def accept_encoding(self) -> str:
        """Encodings the client wants, if it switched HTTP compression on."""
        return self.headers.get("accept-encoding", "") if self.flag("enable_http_compression") else ""

    @property
    def read_only(self) -> bool:
        """Whether only reading is allowed: by method GET or the setting readonly."""
        return self.method in ("GET", "HEAD") or self.options.get("readonly", "0") not in ("", "0")

    @property
    def protocol_version(self) -> int:
        """Revision of the native protocol that the client's Native blocks follow; 0: none."""
        text = self.options.get("client_protocol_version", "")
        return int(text) if text.isdigit() else 0

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.options.get(name, "0") in ("1", "true")

    def authenticate(self, password: str) -> None:
        """Refuse any user but `default` with its password; EngineError as ClickHouse words it."""
        user, given = self._credentials()
        if user != DEFAULT_USER or not hmac.compare_digest(given.encode(), password.encode()):
            raise refusal(
                516,
                "AUTHENTICATION_FAILED",
                f"{user}: Authentication failed: password is incorrect, or there is no user with such name.",
            )

    def _credentials(self) -> tuple[str, str]:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise refusal(516, "AUTHENTICATION_FAILED", "Invalid HTTP Basic credentials") from None
            return user or DEFAULT_USER, password
        user = self.headers.get("x-clickhouse-user") or self.options.get("user") or DEFAULT_USER
        return user, self.headers.get("x-clickhouse-key") or self.options.get("password", "")


def parse(method: str, query_string: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Request:
    """Read a request's line and headers.

    >>> parse("GET", b"query=SELECT+1&max_threads=1&param_a=2", []).settings
    {'max_threads': '1'}
    """
    named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    options: dict[str, str] = {}
    request = Request(method, b"", {}, {}, options, named, "")
    fields = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
    for name, value in fields:
        place(request, options, name, value.encode("utf-8", "surrogateescape"))
    request.query_id = options.get("query_id") or str(uuid.uuid4())
    return request


def place(request: Request, options: dict[str, str], name: str, value: bytes) -> None:
    """Put one parameter, of the URL or of a form, where it belongs."""
    if name == "query":
        request.query += value
    elif name.startswith(_PARAM):
        request.params[name.removeprefix(_PARAM)] = value.decode("utf-8", "surrogateescape")
    elif name in _RESERVED:
        options[name] = value.decode("utf-8", "replace")
    elif name:
        if not name.replace("_", "").replace(".", "").isalnum():
            raise EngineError(f"Code: 115. DB::Exception: Unknown setting '{name[:60]}'. (UNKNOWN_SETTING)")
        request.settings[name] = value.decode("utf-8", "replace")
