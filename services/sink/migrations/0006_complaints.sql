-- What people read. FINAL collapses second deliveries at query time, before any merge has run.
CREATE VIEW events $on_cluster AS
SELECT *
FROM complaint_events FINAL
WHERE action != 'withdrawn'
COMMENT 'One row for each event of the highest generation; withdrawn events are gone.';

-- Complaints that have more than their first event: the few whose latest revision must be looked for.
CREATE TABLE revised_complaints $on_cluster
(
    complaint_id UUID COMMENT 'Complaint with a revision, a deletion or a withdrawal',
    received_at DateTime64(3, 'UTC') COMMENT 'Receipt of the youngest of these; retention runs on it' CODEC(Delta, ZSTD(1))
)
ENGINE = ${Replicated}ReplacingMergeTree(received_at)
ORDER BY complaint_id
TTL toDateTime(received_at) + INTERVAL 24 MONTH DELETE
SETTINGS $deduplication
COMMENT 'Complaints that have more than their first event.';

CREATE MATERIALIZED VIEW revised_complaints_from_complaint_events $on_cluster TO revised_complaints AS
SELECT complaint_id, max(received_at) AS received_at
FROM complaint_events
WHERE revision_no > 0 OR action != 'created'
GROUP BY complaint_id;

-- The latest revision of each complaint by (revised_at, revision_no). A deletion is a revision like any other, so it beats
-- all before it, whatever arrived first. A revision that brings a status alone (a ticket system's update: no text, not
-- the first) changes the status and nothing else. A status that was only filled in never beats one that was reported.
-- Complaints of a single event are a branch of their own, into which filters are pushed down.
CREATE VIEW complaints $on_cluster AS
SELECT * EXCEPT (status), status, revised_at AS status_at
FROM events
WHERE revision_no = 0 AND action = 'created' AND complaint_id NOT IN (SELECT complaint_id FROM revised_complaints)
UNION ALL
SELECT
    latest.* EXCEPT (status),
    if(reported.status = '', latest.status, reported.status) AS status,
    greatest(latest.revised_at, reported.status_at) AS status_at
FROM
(
    SELECT *
    FROM events
    WHERE complaint_id IN (SELECT complaint_id FROM revised_complaints) AND NOT (action = 'updated' AND text = '' AND revision_no > 0)
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
    WHERE revision_no > 0
        AND action IN ('created', 'updated')
        AND NOT has(imputed, 'status')
        AND complaint_id IN (SELECT complaint_id FROM revised_complaints)
    GROUP BY complaint_id
) AS reported ON reported.complaint_id = latest.complaint_id
WHERE latest.action != 'deleted'
COMMENT 'Current state of each complaint; erased, withdrawn and deleted ones are gone.';
