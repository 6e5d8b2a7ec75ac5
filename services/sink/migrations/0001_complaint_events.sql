-- The facts: one row an event. A second delivery of an event has the same sorting key and collapses: the highest
-- generation wins and, within one, the copy received first. Sorting key and partition hold nothing that a replay
-- changes: category, priority and even occurred_at may, the ids and the receipt do not.
CREATE TABLE complaint_events $on_cluster
(
    kafka_topic LowCardinality(String) COMMENT 'Gold topic that the row came from, without prefix',
    kafka_partition UInt16 COMMENT 'Partition of that topic',
    kafka_offset UInt64 COMMENT 'Offset in that partition' CODEC(Delta, ZSTD(1)),
    logged_at DateTime64(3, 'UTC') COMMENT 'Append time of the record in the gold topic' CODEC(Delta, ZSTD(1)),
    event_id UUID COMMENT 'Id of this revision of the complaint, made once at ingest',
    complaint_id UUID COMMENT 'Id of the complaint, the same for all its revisions',
    revision_no UInt32 COMMENT '0 for the first version of a complaint, then counted up',
    revised_at DateTime64(3, 'UTC') COMMENT 'When this revision was made at the source' CODEC(Delta, ZSTD(1)),
    generation UInt32 COMMENT '0 for live traffic, the number of the replay otherwise; the highest is shown',
    action LowCardinality(String) COMMENT 'created, updated, deleted or withdrawn',
    channel LowCardinality(String) COMMENT 'sms, whatsapp, x, facebook, instagram, mastodon, reddit, rss, web, call_center or web_form',
    source LowCardinality(String) COMMENT 'System that it came from, as kind:name',
    lane LowCardinality(String) COMMENT 'realtime or batch',
    customer_key Nullable(String) COMMENT 'Pseudonym of the customer; null where the source names nobody',
    mentioned_keys Array(String) COMMENT 'Pseudonyms of identifiers that the text mentions',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When the customer complained' CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') COMMENT 'When ingest accepted it; retention runs on it' CODEC(Delta, ZSTD(1)),
    cleaned_at DateTime64(3, 'UTC') COMMENT 'When the cleaner wrote it' CODEC(Delta, ZSTD(1)),
    classified_at DateTime64(3, 'UTC') COMMENT 'When the classifier wrote it' CODEC(Delta, ZSTD(1)),
    loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the sink inserted it' CODEC(Delta, ZSTD(1)),
    text String COMMENT 'The complaint, normalised and masked; empty where there was none' CODEC(ZSTD(3)),
    language LowCardinality(String) COMMENT 'en, pcm, yo, ha, ig or other',
    state LowCardinality(Nullable(String)) COMMENT 'State concerned, canonical name; null when unknown',
    lga LowCardinality(Nullable(String)) COMMENT 'Local government area, canonical name; null when unknown',
    operator LowCardinality(Nullable(String)) COMMENT 'Network complained about; null when unknown',
    is_complaint Bool COMMENT 'False for praise, questions, adverts, spam and chat',
    category LowCardinality(String) COMMENT 'One of the thirteen categories',
    subcategory LowCardinality(String) COMMENT 'Finer name within the category; empty where none is certain',
    urgency LowCardinality(String) COMMENT 'high, medium or low',
    impact LowCardinality(String) COMMENT 'high, medium or low',
    priority LowCardinality(String) COMMENT 'P1 to P5, of impact and urgency',
    risk LowCardinality(String) COMMENT 'churn, regulatory, safety, fraud or none: the strongest',
    risk_score Float32 COMMENT 'Strength of the risk, 0 to 1',
    sentiment Float32 COMMENT '-1 (angry) to 1 (pleased)',
    contacts_30d UInt32 COMMENT 'Contacts of the customer in the 30 days up to occurred_at, this one included',
    same_category_30d UInt32 COMMENT 'Of these, contacts about the same category',
    duplicate_of Nullable(UUID) COMMENT 'Event that this one repeats (a repost); null otherwise',
    sla_policy LowCardinality(String) COMMENT 'Name of the clock policy that applies',
    first_contact_due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the customer must have been contacted',
    resolve_due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it must be resolved',
    escalation_due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the customer may go to the regulator',
    status LowCardinality(String) COMMENT 'TMF621: acknowledged, rejected, pending, held, inProgress, cancelled, closed or resolved',
    incident_id Nullable(String) COMMENT 'Incident that was open for this place at classification',
    confidence Float32 COMMENT 'Calibrated probability of the category, 0 to 1',
    needs_review Bool COMMENT 'True where a person should look at the classification',
    reasons Array(String) COMMENT 'Evidence a person can check: words, rules, recurrence; masked' CODEC(ZSTD(3)),
    imputed Array(LowCardinality(String)) COMMENT 'Fields that were missing and were filled by a stated rule',
    model_version LowCardinality(String) COMMENT 'Version of model and rules that classified it',
    pii_counts Map(LowCardinality(String), UInt32) COMMENT 'Masks of each type in the text',
    version UInt64 MATERIALIZED bitShiftLeft(toUInt64(generation), 42) + (4398046511103 - toUnixTimestamp64Milli(received_at))
        COMMENT 'What decides between two rows of one event: generation, then the earlier receipt' CODEC(ZSTD(1)),
    CONSTRAINT customer_key_is_a_pseudonym CHECK isNull(customer_key) OR match(assumeNotNull(customer_key), '^k[0-9]+_[a-z2-7]{26}$$'),
    CONSTRAINT mentioned_keys_are_pseudonyms CHECK arrayAll(k -> match(k, '^k[0-9]+_[a-z2-7]{26}$$'), mentioned_keys),
    CONSTRAINT text_is_utf8 CHECK isValidUTF8(text),
    CONSTRAINT received_at_is_plausible CHECK received_at >= '2000-01-01 00:00:00' AND received_at < '2100-01-01 00:00:00',
    INDEX occurred_at_range occurred_at TYPE minmax GRANULARITY 1,
    INDEX loaded_at_range loaded_at TYPE minmax GRANULARITY 1,
    INDEX customer_key_set customer_key TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ${Replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_at)
ORDER BY (complaint_id, event_id)
TTL toDateTime(received_at) + INTERVAL 24 MONTH DELETE
SETTINGS $deduplication
COMMENT 'Facts: one row an event, second deliveries and older generations collapse. People read the view complaints.';
