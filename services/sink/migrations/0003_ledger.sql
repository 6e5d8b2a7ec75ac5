-- Every committed batch of every service: what went in and what came out. An entry of the sink may be written twice
-- (same range, same counts): it collapses. Entries without positions (HTTP, files) are told apart by their own offset.
CREATE TABLE ledger_entries $on_cluster
(
    kafka_partition UInt16 COMMENT 'Partition of the ledger topic',
    kafka_offset UInt64 COMMENT 'Offset in the ledger topic' CODEC(Delta, ZSTD(1)),
    service LowCardinality(String) COMMENT 'Consumer group or command',
    topic LowCardinality(String) COMMENT 'Input: topic, or file:<sha256> or http:<service>',
    partition Int32 COMMENT 'Input partition; -1 where there is none',
    from_position Int64 COMMENT 'First position of the range, control records included' CODEC(Delta, ZSTD(1)),
    to_position Int64 COMMENT 'End of the range, exclusive; the next range begins here' CODEC(Delta, ZSTD(1)),
    log_hour DateTime64(3, 'UTC') COMMENT 'Hour of the input log' CODEC(Delta, ZSTD(1)),
    committed_at DateTime64(3, 'UTC') COMMENT 'When the batch was committed' CODEC(Delta, ZSTD(1)),
    instance LowCardinality(String) COMMENT 'Instance slot that committed',
    read UInt64 COMMENT 'Input records',
    split UInt64 COMMENT 'Further records that inputs were split into',
    written UInt64 COMMENT 'Main output records',
    joined UInt64 COMMENT 'Input records joined into another',
    ignored UInt64 COMMENT 'Input records ignored for a reason of the closed list',
    redelivered UInt64 COMMENT 'Input records dropped as redeliveries',
    dead UInt64 COMMENT 'Input records sent to dead letters',
    channels Map(LowCardinality(String), UInt64) COMMENT 'Main output records by channel',
    outputs Array(Tuple(topic String, partition Int32, log_hour DateTime64(3, 'UTC'), records UInt64, first_offset Int64, last_offset Int64))
        COMMENT 'What was appended to each output partition within one hour of its log',
    entry_no UInt64 MATERIALIZED if(partition < 0, kafka_partition * 1099511627776 + kafka_offset, 0)
        COMMENT 'Tells entries without positions apart' CODEC(ZSTD(1))
)
ENGINE = ${Replicated}ReplacingMergeTree(committed_at)
PARTITION BY toYYYYMM(log_hour)
ORDER BY (service, topic, partition, log_hour, from_position, to_position, entry_no)
TTL toDateTime(log_hour) + INTERVAL 13 MONTH DELETE
SETTINGS $deduplication
COMMENT 'Ledger entries as they arrived. People read the view ledger.';

CREATE VIEW ledger $on_cluster AS SELECT * EXCEPT (kafka_partition, kafka_offset) FROM ledger_entries FINAL
COMMENT 'One row for each committed batch, input partition and hour of its log.';
