-- title: When a client's accounts were read in a period, and the longest time they were not
-- why: A period that was looked at once, at its end, proves that one day; auditors ask for the gaps.
-- param: tenant text null only this client
-- param: from time null begin of the period; default all time
-- param: to time null first moment after it; default now
-- unknown: A read that was not complete is listed with its state and counts as no look.
WITH reads AS (
    SELECT
        r.tenant_id,
        r.account_id,
        r.scan_id,
        max(r.recorded_at) AS read_at,
        count(*) AS sources,
        count(*) FILTER (r.state IN ('complete', 'not_available')) AS whole_sources,
        list(DISTINCT r.source || ' ' || r.state ORDER BY r.source || ' ' || r.state)
            FILTER (r.state NOT IN ('complete', 'not_available')) AS not_whole,
        sum(r.calls) AS calls,
        sum(r.rows) AS api_rows
    FROM coverage AS r
    WHERE ($tenant IS NULL OR r.tenant_id = $tenant)
        AND ($from IS NULL OR r.recorded_at >= $from)
        AND ($to IS NULL OR r.recorded_at < $to)
    GROUP BY r.tenant_id, r.account_id, r.scan_id
)
SELECT
    *,
    round(
        epoch(
            read_at - lag(read_at, 1, $from) OVER (
                PARTITION BY tenant_id, account_id ORDER BY read_at, scan_id
            )
        ) / 86400, 2
    ) AS days_since_the_read_before
FROM reads
ORDER BY tenant_id, account_id, read_at, scan_id
