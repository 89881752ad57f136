-- What of $tenant was not read whole by the last read of each account within [$start, $end), if a later
-- one followed: of the newest read of all, `incomplete` tells.
WITH reads AS (
    SELECT account_id, source, region, state, optional, recorded_at, scan_id
    FROM coverage
    WHERE tenant_id = $tenant AND account_id IS NOT NULL
),
last_read AS (
    SELECT
        account_id,
        max(recorded_at) FILTER (recorded_at >= $start AND recorded_at < $end) AS recorded_at,
        max(recorded_at) AS newest
    FROM reads
    GROUP BY account_id
)
SELECT DISTINCT
    CASE
        WHEN l.recorded_at IS NULL
            THEN r.account_id || ' was not read within the period: what it held then is not known'
        ELSE concat_ws(' ', r.account_id, r.source, '(' || r.region || '):', r.state, 'in the last read of the period')
    END AS gap
FROM reads AS r
JOIN last_read AS l ON l.account_id = r.account_id
WHERE l.recorded_at IS NULL
    OR (
        r.recorded_at = l.recorded_at
        AND l.recorded_at < l.newest
        AND r.state NOT IN ('complete', 'not_available')
        AND NOT coalesce(r.optional, false)
    )
ORDER BY gap
