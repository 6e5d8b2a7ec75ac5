-- What arrived, by position: the end of the proof that nothing was lost. Filled with the facts, in the same insert and
-- under the same token, by a materialised view.
CREATE TABLE landed $on_cluster
(
    topic LowCardinality(String) COMMENT 'Gold topic, without prefix',
    partition UInt16 COMMENT 'Partition of the topic',
    offset UInt64 COMMENT 'Offset of the record' CODEC(Delta, ZSTD(1)),
    event_id UUID COMMENT 'Event that the record holds',
    generation UInt32 COMMENT '0 for live traffic, the number of the replay otherwise',
    channel LowCardinality(String) COMMENT 'Channel of the event',
    logged_at DateTime64(3, 'UTC') COMMENT 'Append time of the record in the gold topic' CODEC(Delta, ZSTD(1)),
    loaded_at DateTime64(3, 'UTC') COMMENT 'When the sink inserted it' CODEC(Delta, ZSTD(1))
)
ENGINE = ${Replicated}ReplacingMergeTree
PARTITION BY toMonday(logged_at)
ORDER BY (topic, partition, offset, event_id)
TTL toDateTime(logged_at) + INTERVAL 30 DAY DELETE
SETTINGS $deduplication
COMMENT 'Records of the gold topics that reached the facts, by topic, partition and offset; kept 30 days as the topics are.';

CREATE MATERIALIZED VIEW landed_from_complaint_events $on_cluster TO landed AS
SELECT
    kafka_topic AS topic,
    kafka_partition AS partition,
    kafka_offset AS offset,
    event_id,
    generation,
    channel,
    logged_at,
    loaded_at
FROM complaint_events;
