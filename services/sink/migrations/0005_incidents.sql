CREATE TABLE incident_versions $on_cluster
(
    incident_id String COMMENT 'Stable id of the incident',
    status LowCardinality(String) COMMENT 'opened, updated or closed',
    cluster LowCardinality(String) COMMENT 'Category cluster: network, internet or service',
    operator LowCardinality(Nullable(String)) COMMENT 'Operator concerned; null when the complaints name none',
    level LowCardinality(String) COMMENT 'lga, state or nation',
    state LowCardinality(Nullable(String)) COMMENT 'State concerned; null at national level',
    lgas Array(String) COMMENT 'Local government areas concerned, as State/LGA',
    started_at DateTime64(3, 'UTC') COMMENT 'Start of the first window that alarmed',
    detected_at DateTime64(3, 'UTC') COMMENT 'When the alarm was raised',
    updated_at DateTime64(3, 'UTC') COMMENT 'When this version was written',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'End of the last window that alarmed, once closed',
    customers UInt64 COMMENT 'Distinct customers counted so far',
    expected Float64 COMMENT 'How many were to be expected',
    p_value Float64 COMMENT 'Tail probability of the strongest window',
    is_ncc_reportable Bool COMMENT 'Five LGAs or more (NCC directive of May 2025)',
    compensation_due Bool COMMENT 'Open for more than 24 hours (same directive)',
    revision_no UInt32 COMMENT 'Counts the versions of one incident from 0'
)
ENGINE = ${Replicated}ReplacingMergeTree(revision_no)
ORDER BY incident_id
SETTINGS $deduplication
COMMENT 'Versions of incidents as they arrived. People read the view incidents.';

CREATE VIEW incidents $on_cluster AS SELECT * FROM incident_versions FINAL
COMMENT 'Outages seen in the complaints: the newest version of each.';
