"""Tables of the manifest: what was loaded, from which source, up to which row, with which content."""

import sqlalchemy as sa

METADATA = sa.MetaData()

SOURCES = sa.Table(
    "sources",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True, comment="As events name it: call_center:lagos."),
    sa.Column("holder", sa.String(120), comment="Run that has the source to itself."),
    sa.Column("held_until", sa.BigInteger, comment="When another run may take it over, ms UTC."),
)

LOADS = sa.Table(
    "loads",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False, comment="SHA-256 of the file's bytes."),
    sa.Column("reading", sa.String(16), nullable=False, comment="Fingerprint of how the file was read."),
    sa.Column("name", sa.Text, nullable=False, comment="Name of the file when it was loaded first."),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(12), nullable=False, comment="loading, torn (its end is to come) or loaded."),
    sa.Column("line", sa.BigInteger, nullable=False, comment="Rows up to this line are acknowledged and remembered."),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("loaded", sa.BigInteger, nullable=False),
    sa.Column("known", sa.BigInteger, nullable=False, comment="Rows that were loaded already."),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("dead", sa.BigInteger, nullable=False),
    sa.Column("ignored", sa.BigInteger, nullable=False),
    sa.Column("joined", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False, comment="ms UTC."),
    sa.Column("finished_at", sa.BigInteger, comment="ms UTC."),
    sa.UniqueConstraint("source_id", "content_hash", "reading", name="loads_once"),
)

PLACES = sa.Table(
    "places",
    METADATA,
    sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("place", sa.String(64), primary_key=True, comment="SHA-256 of a path, and of the member of an archive."),
    sa.Column("content_hash", sa.String(64), nullable=False, comment="What was loaded from there last."),
)

CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("stream", sa.String(250), primary_key=True, comment="Table that is read by watermark."),
    sa.Column("value", sa.Text, nullable=False, comment="Up to where it is acknowledged, as JSON."),
)

CALLS = sa.Table(
    "calls",
    METADATA,
    sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column(
        "key", sa.BigInteger, primary_key=True, autoincrement=False, comment="64 bits of a keyed id of the call."
    ),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="A call under way in a queue_log, encrypted."),
)

ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column(
        "key",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
        comment="64 bits of the complaint's keyed id.",
    ),
    sa.Column("content", sa.BigInteger, nullable=False, comment="Digest of the content that was loaded last."),
    sa.Column("revision_no", sa.Integer, nullable=False),
    sa.Column("revised_at", sa.BigInteger, nullable=False, comment="ms UTC."),
    sa.Column("sure", sa.Boolean, nullable=False, comment="Whether the broker has acknowledged it."),
)

JOURNAL = sa.Table(
    "journal",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id"), nullable=False, index=True),
    sa.Column("sure", sa.Boolean, nullable=False, comment="Whether the broker has acknowledged the rows."),
    sa.Column("entries", sa.LargeBinary, nullable=False, comment="Rows not yet in `rows`, packed; see row_index.py."),
)
