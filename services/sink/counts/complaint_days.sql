INSERT INTO complaint_days (day, received_month, channel, category, priority, state, complaints, contacts, counted)
SELECT
    day, received_month, channel, category, priority, state,
    sum(is_counted) AS complaints, sum(is_contact) AS contacts, toUnixTimestamp64Milli(now64(3)) AS counted
FROM
(
    SELECT
        unit.1 AS day, unit.2 AS received_month, channel, category, priority, ifNull(state, '') AS state,
        toUInt64(is_complaint AND duplicate_of IS NULL) AS is_counted, toUInt64(1) AS is_contact
    FROM (/* latest */)
    UNION ALL
    -- what was counted before and is there no more gets a zero
    SELECT day, received_month, channel, category, priority, state, 0, 0
    FROM complaint_days FINAL
    WHERE (day, received_month) IN {units:Array(Tuple(Date, UInt32))}
)
GROUP BY day, received_month, channel, category, priority, state
