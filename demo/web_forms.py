"""The table that the web site's complaint form writes, as a SQLite database."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from demo.messages import Form
from demo.moments import lagos, moment

TABLE = "web_form_requests"
_CREATE = f"""
CREATE TABLE {TABLE} (
    request_id TEXT PRIMARY KEY,
    full_name TEXT NOT NULL,
    email TEXT,
    phone_number TEXT,
    subject TEXT,
    complaint_details TEXT NOT NULL,
    state TEXT,
    lga TEXT,
    resolution_status TEXT NOT NULL,
    request_date TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
)
"""
_STAMP = "%Y-%m-%d %H:%M:%S"


def create(path: Path, forms: Sequence[Form], now: int) -> None:
    """Make the database with all forms in their first state; times are local, as the web site stores them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, form in enumerate(forms, start=1):
        at = lagos(moment(form.at, now)).strftime(_STAMP)
        rows.append(
            (
                f"WF-{number:05d}", form.who, form.email, form.phone, form.subject, form.details, form.state, form.lga,
                form.status, at, at,
            )
        )  # fmt: skip
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_CREATE)
        database.executemany(f"INSERT INTO {TABLE} VALUES ({', '.join('?' * 11)})", rows)  # noqa: S608


def work_on(path: Path, forms: Sequence[Form], now: int) -> int:
    """Give the forms that were worked on since their new status; how many."""
    stamp = lagos(now).strftime(_STAMP)
    later = [(form.then, stamp, f"WF-{number:05d}") for number, form in enumerate(forms, start=1) if form.then]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            f"UPDATE {TABLE} SET resolution_status = ?, updated_at = ? WHERE request_id = ?",  # noqa: S608
            later,
        )
    return len(later)
