"""How well messages are understood, and what was masked."""

from typing import Final

from services.sink.panels.definition import Kind, Panel, Unit

QUALITY: Final = (
    Panel(
        "masks_by_type",
        "Masks by type",
        "Identifiers masked in texts. A type that falls to zero means that a recogniser broke.",
        """
        SELECT mask.1 AS type, sum(mask.2) AS masks
        FROM (
            SELECT arrayJoin(arrayZip(mapKeys(pii_counts), mapValues(pii_counts))) AS mask
            FROM events WHERE $__timeFilter_ms(received_at))
        GROUP BY type ORDER BY masks DESC
        """,
        Kind.ROWS,
        x="type",
        y=("masks",),
    ),
    Panel(
        "confidence",
        "Confidence of the category",
        "Calibrated probability that the category is right; those that a person should look at are marked.",
        """
        SELECT concat(toString(band * 10), '-', toString(band * 10 + 10), ' %') AS confidence,
            countIf(NOT needs_review) AS certain, countIf(needs_review) AS review
        FROM (
            SELECT least(9, toUInt8(floor(confidence * 10))) AS band, needs_review
            FROM complaints WHERE is_complaint AND $__timeFilter_ms(received_at))
        GROUP BY band ORDER BY band
        """,
        Kind.BARS,
        x="confidence",
        y=("certain", "review"),
    ),
    Panel(
        "sentiment_by_category",
        "Sentiment by category",
        "Mean sentiment of complaints, -1 (angry) to 1 (pleased).",
        """
        SELECT category, avg(sentiment) AS mean
        FROM complaints WHERE is_complaint AND $__timeFilter_ms(received_at)
        GROUP BY category ORDER BY mean
        """,
        Kind.ROWS,
        Unit.SCORE,
        x="category",
        y=("mean",),
    ),
    Panel(
        "uncertain_share",
        "Share that is hard to tell",
        "Complaints in the category other, and those that a person should look at, by day of receipt.",
        """
        SELECT toStartOfDay(toTimeZone(received_at, 'Africa/Lagos')) AS day,
            100 * countIf(category = 'other') / count() AS other, 100 * countIf(needs_review) / count() AS review
        FROM complaints
        WHERE is_complaint AND $__timeFilter_ms(received_at) AND received_at >= now64(3) - INTERVAL 60 DAY
        GROUP BY day ORDER BY day
        """,
        Kind.LINES,
        Unit.SHARE,
        x="day",
        y=("other", "review"),
    ),
)
