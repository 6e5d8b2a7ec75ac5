INSERT INTO counted_units (day, received_month, counted_at)
SELECT unit.1, unit.2, now64(3)
FROM (SELECT arrayJoin({units:Array(Tuple(Date, UInt32))}) AS unit)
