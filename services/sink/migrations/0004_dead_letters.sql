-- Which records failed and why. Their bytes hold raw personal data and stay in the topic.
CREATE TABLE dead_letter_entries $on_cluster
(
    dead_letter_id String COMMENT 'Id of the failure: of the group and the origin',
    group LowCardinality(String) COMMENT 'Consumer group or command that failed',
    service LowCardinality(String) COMMENT 'Service that failed',
    reason LowCardinality(String) COMMENT 'One of the closed list of reasons',
    detail String COMMENT 'What was wrong and where; never the value' CODEC(ZSTD(3)),
    topic LowCardinality(String) COMMENT 'Origin: topic, or file:<sha256> or http:<route>',
    partition Int32 COMMENT 'Origin: partition; -1 where there is none',
    offset Int64 COMMENT 'Origin: offset, or line of a file; -1 where there is none',
    log_time DateTime64(3, 'UTC') COMMENT 'Origin: append time of the record' CODEC(Delta, ZSTD(1)),
    failed_at DateTime64(3, 'UTC') COMMENT 'When it failed' CODEC(Delta, ZSTD(1)),
    attempt UInt32 COMMENT 'How often it had come back from a replay before',
    letter_partition UInt16 COMMENT 'Partition of the dead-letters topic that holds the bytes',
    letter_offset UInt64 COMMENT 'Offset in the dead-letters topic' CODEC(Delta, ZSTD(1))
)
ENGINE = ${Replicated}ReplacingMergeTree(failed_at)
PARTITION BY toYYYYMM(log_time)
ORDER BY (topic, group, dead_letter_id)
TTL toDateTime(log_time) + INTERVAL 13 MONTH DELETE
SETTINGS $deduplication
COMMENT 'Dead letters as they arrived, without bytes. People read the view dead_letters.';

CREATE VIEW dead_letters $on_cluster AS
SELECT *, failed_at AS time FROM dead_letter_entries FINAL
COMMENT 'One row for each record that could not be processed; python -m services.runtime dead-letters shows its bytes.';
