-- The latest revisions whose unit is counted: what the view complaints shows, looked up for these days alone.
WITH
    touched AS
    (
        SELECT complaint_id
        FROM complaint_events
        WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
    ),
    revised AS
    (
        SELECT complaint_id FROM revised_complaints WHERE complaint_id IN (SELECT complaint_id FROM touched)
    )
SELECT *, (toDate(toTimeZone(occurred_at, 'Africa/Lagos')), toYYYYMM(received_at)) AS unit
FROM
(
    SELECT occurred_at, received_at, channel, category, priority, state, is_complaint, duplicate_of
    FROM complaint_events FINAL
    WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        AND revision_no = 0 AND action = 'created'
        AND complaint_id NOT IN (SELECT complaint_id FROM revised)
    UNION ALL
    SELECT occurred_at, received_at, channel, category, priority, state, is_complaint, duplicate_of
    FROM
    (
        SELECT *
        FROM complaint_events FINAL
        WHERE complaint_id IN (SELECT complaint_id FROM revised)
            AND action != 'withdrawn'
            AND NOT (action = 'updated' AND text = '' AND revision_no > 0)
        ORDER BY complaint_id, revised_at DESC, revision_no DESC
        LIMIT 1 BY complaint_id
    )
    WHERE action != 'deleted'
)
WHERE unit IN {units:Array(Tuple(Date, UInt32))}
