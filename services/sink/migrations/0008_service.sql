-- What somebody has to act on.
CREATE VIEW sla_due $on_cluster AS
SELECT
    complaint_id,
    event_id,
    channel,
    category,
    priority,
    state,
    lga,
    operator,
    customer_key,
    status,
    occurred_at,
    sla_policy,
    first_contact_due_at,
    resolve_due_at,
    escalation_due_at,
    -- a contact is due until somebody has taken the complaint up; a resolution is due until it is resolved
    if(status IN ('acknowledged', 'pending'), first_contact_due_at, NULL) AS contact_due_at,
    least(coalesce(contact_due_at, resolve_due_at), coalesce(resolve_due_at, contact_due_at)) AS due_at,
    ifNull(contact_due_at < now64(3), 0) AS contact_breached,
    ifNull(resolve_due_at < now64(3), 0) AS resolve_breached,
    ifNull(escalation_due_at < now64(3), 0) AS may_escalate,
    contact_breached OR resolve_breached AS is_breached,
    dateDiff('second', now64(3), due_at) AS seconds_left
FROM complaints
WHERE is_complaint
    AND duplicate_of IS NULL
    AND status NOT IN ('resolved', 'closed', 'cancelled', 'rejected')
    AND (first_contact_due_at IS NOT NULL OR resolve_due_at IS NOT NULL)
COMMENT 'Open complaints with a running clock: what is due next, and what is late.';

CREATE VIEW customers_at_risk $on_cluster AS
SELECT
    c.customer_key AS customer_key,
    argMax(c.risk, (c.risk_score, c.occurred_at)) AS risk,
    max(c.risk_score) AS risk_score,
    count() AS contacts,
    countIf(c.is_complaint AND c.duplicate_of IS NULL) AS complaints,
    countIf(c.status NOT IN ('resolved', 'closed', 'cancelled', 'rejected')) AS open,
    avg(c.sentiment) AS sentiment,
    topK(1)(c.category)[1] AS main_category,
    topK(1)(c.channel)[1] AS main_channel,
    argMax(c.state, c.occurred_at) AS state,
    min(c.occurred_at) AS first_contact_at,
    max(c.occurred_at) AS last_contact_at
FROM complaints AS c
WHERE c.customer_key IS NOT NULL AND c.occurred_at >= now64(3) - INTERVAL 30 DAY
GROUP BY c.customer_key
HAVING max(c.risk_score) >= 0.5 OR countIf(c.is_complaint AND c.duplicate_of IS NULL) >= 3
COMMENT 'Customers of the last 30 days who show a risk of 0.5 and more or complained three times: pseudonyms, strongest risk.';

CREATE VIEW duplicates $on_cluster AS
SELECT
    repost.event_id AS event_id,
    repost.complaint_id AS complaint_id,
    repost.duplicate_of AS duplicate_of,
    repost.channel AS channel,
    original.channel AS original_channel,
    repost.category AS category,
    repost.customer_key AS customer_key,
    repost.occurred_at AS occurred_at,
    original.occurred_at AS original_occurred_at,
    dateDiff('second', original.occurred_at, repost.occurred_at) AS seconds_later
FROM (SELECT * FROM complaints WHERE duplicate_of IS NOT NULL) AS repost
LEFT JOIN
(
    SELECT event_id, channel, occurred_at
    FROM events
    WHERE event_id IN (SELECT assumeNotNull(duplicate_of) FROM complaint_events WHERE duplicate_of IS NOT NULL)
) AS original ON original.event_id = repost.duplicate_of
COMMENT 'Reposts: who said nearly the same again within 72 hours, and where first.';
