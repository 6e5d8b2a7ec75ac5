-- Which days an insert touched: what has to be counted again. Days are Lagos days of occurred_at. A unit of counting is a
-- day and the month of receipt, so that figures stay when the facts of that month expire after 24 months.
CREATE TABLE arrivals $on_cluster
(
    topic LowCardinality(String) COMMENT 'Gold topic of the inserted range',
    partition UInt16 COMMENT 'Its partition',
    first_offset UInt64 COMMENT 'Lowest offset inserted',
    last_offset UInt64 COMMENT 'Highest offset inserted',
    units Array(Tuple(day Date, received_month UInt32)) COMMENT 'Days, and months of receipt, that the rows fall into',
    revised Bool COMMENT 'Whether a row revises, deletes or withdraws something: its complaint may have rows on other days',
    loaded_at DateTime64(3, 'UTC') COMMENT 'When the rows were inserted'
)
ENGINE = ${Replicated}MergeTree
ORDER BY loaded_at
TTL toDateTime(loaded_at) + INTERVAL 7 DAY DELETE
SETTINGS $deduplication
COMMENT 'One row for each insert into the facts; kept 7 days.';

CREATE MATERIALIZED VIEW arrivals_from_complaint_events $on_cluster TO arrivals AS
SELECT
    kafka_topic AS topic,
    kafka_partition AS partition,
    min(kafka_offset) AS first_offset,
    max(kafka_offset) AS last_offset,
    groupUniqArray((toDate(toTimeZone(occurred_at, 'Africa/Lagos')), toYYYYMM(received_at))) AS units,
    max(revision_no > 0 OR generation > 0 OR action != 'created') AS revised,
    max(loaded_at) AS loaded_at
FROM complaint_events
GROUP BY kafka_topic, kafka_partition;

CREATE TABLE counted_units $on_cluster
(
    day Date COMMENT 'Lagos day of occurred_at',
    received_month UInt32 COMMENT 'Month of received_at, as YYYYMM',
    counted_at DateTime64(3, 'UTC') COMMENT 'When the last count began'
)
ENGINE = ${Replicated}ReplacingMergeTree(counted_at)
ORDER BY (day, received_month)
COMMENT 'When each unit was last counted.';

-- Rows are never added up on insert: a count replaces the unit's rows, combinations that vanished by a zero.
CREATE TABLE complaint_days $on_cluster
(
    day Date COMMENT 'Lagos day on which the customer complained',
    received_month UInt32 COMMENT 'Month of receipt, as YYYYMM',
    channel LowCardinality(String) COMMENT 'Channel',
    category LowCardinality(String) COMMENT 'Category; other for what is no complaint',
    priority LowCardinality(String) COMMENT 'P1 to P5',
    state LowCardinality(String) COMMENT 'State; empty when unknown',
    complaints UInt64 COMMENT 'Complaints: neither reposts nor praise, questions and the like',
    contacts UInt64 COMMENT 'All contacts, reposts and non-complaints included',
    counted UInt64 COMMENT 'When it was counted, ms UTC: the newest count stands'
)
ENGINE = ${Replicated}ReplacingMergeTree(counted)
ORDER BY (day, received_month, channel, category, priority, state)
COMMENT 'Counts by Lagos day, kept without limit. People read the view complaint_volume.';

CREATE TABLE complaint_hours $on_cluster
(
    hour DateTime('UTC') COMMENT 'Hour in which the customer complained (whole hours are the same in Lagos and UTC)',
    received_month UInt32 COMMENT 'Month of receipt, as YYYYMM',
    channel LowCardinality(String) COMMENT 'Channel',
    category LowCardinality(String) COMMENT 'Category; other for what is no complaint',
    complaints UInt64 COMMENT 'Complaints: neither reposts nor praise, questions and the like',
    contacts UInt64 COMMENT 'All contacts, reposts and non-complaints included',
    counted UInt64 COMMENT 'When it was counted, ms UTC: the newest count stands'
)
ENGINE = ${Replicated}ReplacingMergeTree(counted)
ORDER BY (hour, received_month, channel, category)
COMMENT 'Counts by hour, kept without limit.';

CREATE VIEW complaint_volume $on_cluster AS
SELECT 'day' AS period, day AS period_start, channel, category, priority, state, sum(complaints) AS complaints, sum(contacts) AS contacts
FROM complaint_days AS d FINAL WHERE d.contacts > 0 GROUP BY period_start, channel, category, priority, state
UNION ALL
SELECT 'week' AS period, toMonday(day) AS period_start, channel, category, priority, state, sum(complaints) AS complaints, sum(contacts) AS contacts
FROM complaint_days AS d FINAL WHERE d.contacts > 0 GROUP BY period_start, channel, category, priority, state
UNION ALL
SELECT 'month' AS period, toStartOfMonth(day) AS period_start, channel, category, priority, state, sum(complaints) AS complaints, sum(contacts) AS contacts
FROM complaint_days AS d FINAL WHERE d.contacts > 0 GROUP BY period_start, channel, category, priority, state
UNION ALL
SELECT 'quarter' AS period, toStartOfQuarter(day) AS period_start, channel, category, priority, state, sum(complaints) AS complaints, sum(contacts) AS contacts
FROM complaint_days AS d FINAL WHERE d.contacts > 0 GROUP BY period_start, channel, category, priority, state
UNION ALL
SELECT 'year' AS period, toStartOfYear(day) AS period_start, channel, category, priority, state, sum(complaints) AS complaints, sum(contacts) AS contacts
FROM complaint_days AS d FINAL WHERE d.contacts > 0 GROUP BY period_start, channel, category, priority, state
COMMENT 'Complaints and contacts by day, week (from Monday), month, quarter and year, Lagos time.';

-- The mean runs over all periods from a channel's first to the newest one of all channels, empty ones included.
CREATE VIEW complaint_volume_average $on_cluster AS
SELECT
    channel,
    period,
    total / periods AS average,
    total AS complaints,
    1 + multiIf(
        period = 'day', dateDiff('day', first, newest),
        period = 'week', dateDiff('week', first, newest),
        period = 'month', dateDiff('month', first, newest),
        period = 'quarter', dateDiff('quarter', first, newest),
        dateDiff('year', first, newest)) AS periods
FROM
(
    SELECT channel, period, total, first, max(last) OVER (PARTITION BY period) AS newest
    FROM
    (
        SELECT channel, period, sum(complaints) AS total, min(period_start) AS first, max(period_start) AS last
        FROM complaint_volume
        GROUP BY channel, period
    )
)
COMMENT 'Mean number of complaints in a day, week, month, quarter and year, by channel.';
