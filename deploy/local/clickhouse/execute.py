"""Runs one request's statement on a session's connection. Everything here runs in a worker thread."""

from collections.abc import Iterator
from functools import cache

from deploy.local.clickhouse import native
from deploy.local.clickhouse.answer import Answer, in_blocks, new_tag
from deploy.local.clickhouse.engine import Inserter, identifier
from deploy.local.clickhouse.errors import EngineError, refusal
from deploy.local.clickhouse.request import Request
from deploy.local.clickhouse.session import Session
from deploy.local.clickhouse.statement import Insert, first_word, output_format, reads, replace_input, without_format

BUFFER = 1024 * 1024
"""A result up to this size is sent in one piece, so that a late exception still becomes a status."""
_INPUT_TABLE = "_input_of_insert"


def prepare(session: Session, request: Request, sql: bytes) -> None:
    """Put settings, database and external tables in place; refuse to write where only reading is allowed."""
    session.prepare(request.settings, request.database)
    if request.read_only and (first_word(sql) == b"INSERT" or session.connection.changes_data(sql)):
        text = "Cannot execute query in readonly mode."
        if request.method == "GET":
            text += " For queries over HTTP, method GET implies readonly. Use method POST for modifying queries."
        raise refusal(164, "READONLY", text)
    for table, data in request.external.items():
        _external_table(session, request, table, data)


def run(session: Session, request: Request, sql: bytes) -> Answer:
    """Run a statement that is complete in itself."""
    if not sql.strip():
        raise EngineError("Code: 62. DB::Exception: Syntax error: empty query. (SYNTAX_ERROR)")
    prepare(session, request, sql)
    output = output_format(sql) or request.default_format
    answer = Answer(format=output)
    reframed = output == "Native" and request.protocol_version >= native.CUSTOM_SERIALIZATION
    if in_blocks(output) and reads(sql) and not reframed and not request.flag("wait_end_of_query"):
        _stream(session, request, sql, answer)
    else:
        answer.body = session.connection.query(sql, output, request.params, answer.stats)
        session.ran(sql)
    if reframed:
        answer.body = native.reframe(answer.body, cache(lambda: _types(session, request, sql)))
    return answer


def _types(session: Session, request: Request, sql: bytes) -> list[str]:
    """The types of a query's columns, time zones included."""
    described = session.connection.query(b"DESCRIBE (" + without_format(sql) + b")", "TSVRaw", request.params)
    return [line.split("\t")[1] for line in described.decode().splitlines()]


def _stream(session: Session, request: Request, sql: bytes, answer: Answer) -> None:
    blocks = session.connection.stream(sql, answer.format, request.params, answer.stats)
    head: list[bytes] = []
    size = 0
    for block in blocks:
        head.append(block)
        size += len(block)
        if size > BUFFER:
            answer.blocks = blocks
            answer.tag = new_tag()
            break
    answer.body = b"".join(head)


def next_block(blocks: Iterator[bytes]) -> bytes | None:
    """The next blocks of a result, up to some size; None at its end."""
    gathered: list[bytes] = []
    size = 0
    for block in blocks:
        gathered.append(block)
        size += len(block)
        if size > BUFFER:
            break
    return b"".join(gathered) if gathered else None


def insert(session: Session, request: Request, statement: Insert, text: bytes) -> Answer:
    """Run an INSERT whose data came whole."""
    prepare(session, request, statement.target)
    answer = Answer(format=request.default_format)
    if statement.format.lower() == "values":  # may hold expressions and bound parameters
        session.connection.query(text, answer.format, request.params, answer.stats)
    elif statement.selects:
        _insert_select(session, request, statement, text[statement.data_start :], answer)
    else:
        inserter = session.connection.insert(statement.target, statement.format)
        fill(inserter, text[statement.data_start :])
        inserter.finish(answer.stats)
    return answer


def begin_insert(session: Session, request: Request, statement: Insert, data: bytes) -> Inserter:
    """Begin an INSERT whose data is still coming in."""
    prepare(session, request, statement.target)
    inserter = session.connection.insert(statement.target, statement.format)
    fill(inserter, data)
    return inserter


def fill(inserter: Inserter, data: bytes) -> None:
    """Append data; a refusal ends the INSERT, and nothing of it is committed by us."""
    try:
        if data:
            inserter.append(data)
    except EngineError:
        inserter.cancel()
        raise


def _insert_select(session: Session, request: Request, statement: Insert, data: bytes, answer: Answer) -> None:
    """INSERT ... SELECT ... FROM input('structure'): the data waits in a temporary table."""
    sql, structure = replace_input(statement.target, _INPUT_TABLE)
    _temporary_table(session, _INPUT_TABLE, structure, statement.format, data)
    try:
        session.connection.query(sql, answer.format, request.params, answer.stats)
    finally:
        session.connection.query(f"DROP TEMPORARY TABLE {_INPUT_TABLE}")


def _external_table(session: Session, request: Request, name: str, data: bytes) -> None:
    options = request.options
    structure = options.get(f"{name}_structure")
    if structure is None:
        types = [kind.strip() for kind in options.get(f"{name}_types", "").split(",") if kind.strip()]
        structure = ", ".join(f"_{number} {kind}" for number, kind in enumerate(types, 1))
    if not structure:
        raise refusal(36, "BAD_ARGUMENTS", f"Neither structure nor types have not been provided for table {name}.")
    _temporary_table(session, name, structure, options.get(f"{name}_format", "TabSeparated"), data)


def _temporary_table(session: Session, name: str, structure: str, input_format: str, data: bytes) -> None:
    session.connection.query(f"CREATE OR REPLACE TEMPORARY TABLE {identifier(name)} ({structure})")
    inserter = session.connection.insert(f"INSERT INTO {identifier(name)}".encode(), input_format)
    fill(inserter, data)
    inserter.finish(Answer().stats)
