-- What people read. FINAL collapses second deliveries at query time, before any merge has run.
CREATE VIEW events $on_cluster AS
SELECT *
FROM complaint_events FINAL
WHERE action != 'withdrawn'
COMMENT 'One row for each event of the highest generation; withdrawn events are gone.';

-- The latest revision of each complaint by (revised_at, revision_no). A deletion is a revision like any other, so it beats
-- all before it, whatever arrived first. A revision that brings a status alone (a ticket system's update: no text, not
-- the first) changes the status and nothing else. A status that was only filled in never beats one that was reported.
CREATE VIEW complaints $on_cluster AS
SELECT
    latest.* EXCEPT (status),
    if(reported.status = '', latest.status, reported.status) AS status,
    greatest(latest.revised_at, reported.status_at) AS status_at
FROM
(
    SELECT *
    FROM events
    WHERE NOT (action = 'updated' AND text = '' AND revision_no > 0)
    ORDER BY complaint_id, revised_at DESC, revision_no DESC
    LIMIT 1 BY complaint_id
) AS latest
LEFT JOIN
(
    SELECT
        complaint_id,
        argMax(status, (revised_at, revision_no)) AS status,
        max(revised_at) AS status_at
    FROM events
    WHERE revision_no > 0 AND action IN ('created', 'updated') AND NOT has(imputed, 'status')
    GROUP BY complaint_id
) AS reported ON reported.complaint_id = latest.complaint_id
WHERE latest.action != 'deleted'
COMMENT 'Current state of each complaint; erased, withdrawn and deleted ones are gone.';
