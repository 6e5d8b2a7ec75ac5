-- The proof that nothing was lost, layer by layer and hour by hour of the log. A topic's records are what the ledger's
-- outputs say was appended; what the next service read is its own entries' sum. Only equal counts balance.
CREATE VIEW ledger_outputs $on_cluster AS
SELECT
    out.1 AS topic,
    out.2 AS partition,
    out.3 AS hour,
    sum(out.4) AS records,
    max(out.6) AS last_offset,
    max(committed_at) AS youngest
FROM ledger
ARRAY JOIN outputs AS out
GROUP BY topic, partition, hour
COMMENT 'Records that services appended to each topic, by partition and hour.';

CREATE VIEW ledger_inputs $on_cluster AS
SELECT
    service,
    topic,
    partition,
    log_hour AS hour,
    sum(read) AS records,
    sum(written) AS records_written,
    sum(dead) AS records_dead,
    max(committed_at) AS youngest
FROM ledger
WHERE partition >= 0
GROUP BY service, topic, partition, hour
COMMENT 'Records that services read from each topic, by partition and hour.';

CREATE VIEW ledger_positions $on_cluster AS
SELECT service, topic, partition, max(to_position) AS position
FROM ledger
WHERE partition >= 0
GROUP BY service, topic, partition
COMMENT 'How far each service has read each partition, by its ledger entries.';

-- Ranges of one service and partition must join without gap or overlap.
CREATE VIEW ledger_breaks $on_cluster AS
SELECT
    service, topic, partition, log_hour AS hour, previous AS expected, from_position, from_position - previous AS positions,
    committed_at AS youngest
FROM
(
    SELECT
        service, topic, partition, log_hour, from_position, committed_at,
        max(to_position) OVER (
            PARTITION BY service, topic, partition ORDER BY from_position, to_position
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous,
        row_number() OVER (PARTITION BY service, topic, partition ORDER BY from_position, to_position) AS number
    FROM ledger
    WHERE partition >= 0
)
WHERE number > 1 AND from_position != previous
COMMENT 'Gaps (positions above 0) and overlaps (below) between the ranges of one service and partition.';

CREATE VIEW ledger_imbalances $on_cluster AS
SELECT
    service, topic, partition, log_hour AS hour, from_position, to_position,
    toInt64(read + split) - toInt64(written + joined + ignored + redelivered + dead) AS records,
    committed_at AS youngest
FROM ledger
WHERE read + split != written + joined + ignored + redelivered + dead
COMMENT 'Ledger entries whose outcomes are not as many as their inputs.';

-- The last step, for the 30 days that landed is kept. What landed beyond the sink's last entry is on its way.
CREATE VIEW landings $on_cluster AS
SELECT topic, partition, hour, records_written AS expected, landed_records AS found, youngest
FROM
(
    SELECT topic, partition, hour, records_written, youngest
    FROM ledger_inputs
    WHERE service = 'sink' AND hour > now64(3) - INTERVAL 29 DAY
) AS taken
FULL OUTER JOIN
(
    SELECT
        l.topic AS topic, toInt32(l.partition) AS partition, toDateTime64(toStartOfHour(l.logged_at), 3, 'UTC') AS hour,
        count() AS landed_records
    FROM (SELECT * FROM landed FINAL WHERE logged_at > toStartOfHour(now64(3)) - INTERVAL 29 DAY) AS l
    INNER JOIN (SELECT topic, toUInt16(partition) AS partition, position FROM ledger_positions WHERE service = 'sink') AS p
        ON p.topic = l.topic AND p.partition = l.partition
    WHERE toInt64(l.offset) < p.position
    GROUP BY topic, partition, hour
) AS arrived USING (topic, partition, hour)
COMMENT 'Good records that the sink read and records that landed, by hour of a gold partition.';

CREATE VIEW unlanded $on_cluster AS SELECT * FROM landings WHERE expected != found
COMMENT 'Hours of a gold partition of which the sink read another number of good records than landed.';

CREATE VIEW facts_missing $on_cluster AS
SELECT topic, partition, offset, event_id, logged_at
FROM landed FINAL
WHERE logged_at > now64(3) - INTERVAL 29 DAY AND event_id NOT IN (SELECT event_id FROM complaint_events)
COMMENT 'Landed records whose event is no longer among the facts.';

-- Rows of the facts that merges have not collapsed yet or never will: views do not show them twice, the proof does.
CREATE VIEW facts_doubled $on_cluster AS
SELECT
    f.event_id AS event_id,
    any(f.kafka_topic) AS topic,
    any(f.kafka_partition) AS partition,
    any(f.kafka_offset) AS offset,
    any(f.logged_at) AS logged_at,
    count() - 1 AS extra
FROM complaint_events AS f
WHERE f.logged_at > now64(3) - INTERVAL 29 DAY
GROUP BY f.event_id, f.generation, f.received_at
HAVING count() > 1
COMMENT 'Events whose row stands in the facts more than once, under the collapse.';

CREATE VIEW facts_foreign $on_cluster AS
SELECT kafka_topic AS topic, kafka_partition AS partition, kafka_offset AS offset, event_id, logged_at
FROM complaint_events FINAL
WHERE logged_at > now64(3) - INTERVAL 29 DAY AND event_id NOT IN (SELECT event_id FROM landed)
COMMENT 'Facts that no gold record brought.';

-- Every record that an entry counts as dead has its letter. HTTP routes write letters without positions of their own.
CREATE VIEW letters_missing $on_cluster AS
SELECT service, topic, partition, hour, expected, found, youngest
FROM
(
    SELECT
        service, topic, partition, if(partition < 0, toDateTime64(0, 3, 'UTC'), log_hour) AS hour,
        sum(dead) AS expected, max(committed_at) AS youngest
    FROM ledger
    WHERE dead > 0 AND NOT startsWith(topic, 'http:')
    GROUP BY service, topic, partition, hour
) AS counted
LEFT JOIN
(
    SELECT
        group AS service, topic, partition,
        if(partition < 0, toDateTime64(0, 3, 'UTC'), toDateTime64(toStartOfHour(log_time), 3, 'UTC')) AS hour,
        count() AS found
    FROM dead_letters
    GROUP BY service, topic, partition, hour
) AS letters USING (service, topic, partition, hour)
WHERE found < expected
COMMENT 'Hours of a partition of which fewer dead letters arrived than the ledger counts.';

-- The differences, unsummed. Publishers of bronze may end between the acknowledgement and their ledger entry, so bronze
-- itself is the count there: more than was announced is no fault. Later layers are written in transactions: equal, or wrong.
CREATE VIEW reconciliation_parts $on_cluster AS
SELECT
    splitByChar('.', topic)[1] AS layer,
    hour,
    toInt64(outs.records) AS expected,
    toInt64(ins.records) AS found,
    if(position > last_offset, greatest(expected - found, 0), toInt64(0)) AS missing,
    if(layer = 'bronze', toInt64(0), greatest(found - expected, 0)) AS surplus,
    if(position > last_offset, toInt64(0), greatest(expected - found, 0)) AS in_flight,
    greatest(outs.youngest, ins.youngest) AS youngest
FROM (SELECT * FROM ledger_outputs WHERE match(topic, '^(bronze|silver|gold)\.')) AS outs
FULL OUTER JOIN
(
    SELECT topic, partition, hour, records, youngest
    FROM ledger_inputs
    WHERE (service = 'cleaner' AND topic LIKE 'bronze.%')
        OR (service = 'classifier' AND topic LIKE 'silver.%')
        OR (service = 'sink' AND topic LIKE 'gold.%')
) AS ins USING (topic, partition, hour)
LEFT JOIN
(
    SELECT topic, partition, max(position) AS position
    FROM ledger_positions
    WHERE service = transform(splitByChar('.', topic)[1], ['bronze', 'silver', 'gold'], ['cleaner', 'classifier', 'sink'], '')
    GROUP BY topic, partition
) AS positions USING (topic, partition)
UNION ALL
SELECT
    'warehouse', hour, toInt64(expected), toInt64(found),
    greatest(toInt64(expected) - toInt64(found), 0), greatest(toInt64(found) - toInt64(expected), 0), toInt64(0), youngest
FROM landings
UNION ALL
SELECT
    'facts', toDateTime64(toStartOfHour(logged_at), 3, 'UTC') AS hour, toInt64(count()), toInt64(countIf(NOT lost)),
    toInt64(countIf(lost)), toInt64(0), toInt64(0), toDateTime64(0, 3, 'UTC')
FROM
(
    SELECT logged_at, event_id NOT IN (SELECT event_id FROM complaint_events) AS lost
    FROM landed FINAL
    WHERE logged_at > now64(3) - INTERVAL 29 DAY
)
GROUP BY hour
UNION ALL
SELECT
    'facts', toDateTime64(toStartOfHour(logged_at), 3, 'UTC') AS hour, toInt64(0), toInt64(sum(extra)),
    toInt64(0), toInt64(sum(extra)), toInt64(0), toDateTime64(0, 3, 'UTC')
FROM (SELECT logged_at, extra FROM facts_doubled UNION ALL SELECT logged_at, 1 FROM facts_foreign)
GROUP BY hour
UNION ALL
SELECT 'ledger', hour, toInt64(0), toInt64(0), greatest(toInt64(records), 0), greatest(-toInt64(records), 0), toInt64(0), youngest
FROM (SELECT hour, positions AS records, youngest FROM ledger_breaks UNION ALL SELECT hour, records, youngest FROM ledger_imbalances)
UNION ALL
SELECT 'ledger', log_hour, toInt64(count()), toInt64(count()), toInt64(0), toInt64(0), toInt64(0), max(committed_at)
FROM ledger
GROUP BY log_hour
UNION ALL
SELECT
    'dead-letters', if(partition < 0, toDateTime64(toStartOfHour(youngest), 3, 'UTC'), hour), toInt64(expected), toInt64(found),
    toInt64(expected) - toInt64(found), toInt64(0), toInt64(0), youngest
FROM letters_missing
COMMENT 'Differences between layers by topic, partition and hour, and when the youngest entry behind each was committed.';

-- Entries of different services come by different partitions: a difference younger than a minute may be on its way.
CREATE VIEW reconciliation $on_cluster AS
SELECT
    layer,
    hour,
    expected,
    found,
    missing,
    surplus,
    in_flight,
    multiIf(missing > 0, 'missing', surplus > 0, 'doubled', in_flight > 0, 'in flight', 'balanced') AS verdict
FROM
(
    SELECT
        p.layer AS layer,
        p.hour AS hour,
        sum(p.expected) AS expected,
        sum(p.found) AS found,
        sumIf(p.missing, p.youngest <= now64(3) - INTERVAL 1 MINUTE) AS missing,
        sumIf(p.surplus, p.youngest <= now64(3) - INTERVAL 1 MINUTE) AS surplus,
        sum(p.in_flight) + sumIf(p.missing + p.surplus, p.youngest > now64(3) - INTERVAL 1 MINUTE) AS in_flight
    FROM reconciliation_parts AS p
    GROUP BY p.layer, p.hour
)
COMMENT 'One row for each layer and hour of its log: what was written, what the next service found, and the verdict.';
