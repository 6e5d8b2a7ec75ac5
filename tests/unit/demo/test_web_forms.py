"""The database of web forms."""

import sqlite3
from contextlib import closing
from pathlib import Path

from demo import web_forms
from demo.messages import Form, read

NOW = 1_772_449_200_000  # 2026-03-02 12:00 in Lagos


def test_some_rows_get_another_status_and_a_newer_stamp(tmp_path: Path) -> None:
    forms = read(Form, "web_forms/requests")
    path = tmp_path / "forms.db"
    web_forms.create(path, forms, NOW)
    changed = web_forms.work_on(path, forms, NOW)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            f"SELECT resolution_status, request_date, updated_at FROM {web_forms.TABLE} ORDER BY request_id"
        ).fetchall()
    assert len(rows) == len(forms)
    assert changed == sum(updated == "2026-03-02 12:00:00" for _, _, updated in rows) > 5
    assert [status for status, _, _ in rows] == [form.then or form.status for form in forms]
    assert all(requested <= updated for _, requested, updated in rows)
