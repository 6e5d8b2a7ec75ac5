INSERT INTO complaint_hours (hour, received_month, channel, category, complaints, contacts, counted)
SELECT
    hour, received_month, channel, category,
    sum(is_counted) AS complaints, sum(is_contact) AS contacts, toUnixTimestamp64Milli(now64(3)) AS counted
FROM
(
    SELECT
        toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, unit.2 AS received_month, channel, category,
        toUInt64(is_complaint AND duplicate_of IS NULL) AS is_counted, toUInt64(1) AS is_contact
    FROM (/* latest */)
    UNION ALL
    SELECT hour, received_month, channel, category, 0, 0
    FROM complaint_hours FINAL
    WHERE (toDate(toTimeZone(hour, 'Africa/Lagos')), received_month) IN {units:Array(Tuple(Date, UInt32))}
)
GROUP BY hour, received_month, channel, category
