"""Runs migrations on the connection that manifest/store.py hands over, or on the URL of Alembic's command line."""

import sqlalchemy as sa
from alembic import context

from services.batch_loader.manifest.tables import METADATA


def _migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=METADATA, version_table="manifest_version", render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "").begin() as own:
        _migrate(own)
