-- title: What evidence of the audit window is gone or will be, and from which day
-- why: R18: told today and not by the auditor; a log that keeps 30 days forgives no holidays.
-- param: tenant text null only this client
-- param: horizon_days integer 365 how far ahead to look
-- unknown: Retentions are the platforms' published ones, by the longest licence that nothing refutes.
--   Of what was made and removed between two reads of an account (basis: scans) a scan knows nothing.
WITH gaps AS (
    SELECT
        g.*,
        to_days(CAST(g.days AS INTEGER)) AS kept,
        least(g.gap_end, $now) AS past_until
    FROM log_gaps AS g
    WHERE $tenant IS NULL OR g.tenant_id = $tenant
),
parts AS (
    SELECT *, 'gone' AS state, gap_start AS from_at, least(gap_end, $now - kept) AS until_at
    FROM gaps
    UNION ALL BY NAME
    SELECT
        *,
        'not exported yet' AS state,
        greatest(gap_start, $now - kept) AS from_at,
        past_until AS until_at
    FROM gaps
    UNION ALL BY NAME
    SELECT *, 'to come' AS state, greatest(gap_start, $now) AS from_at, gap_end AS until_at
    FROM gaps
),
reads AS (
    SELECT r.tenant_id, r.account_id, r.scan_id, max(r.read_at) AS read_at
    FROM coverage AS r
    WHERE $tenant IS NULL OR r.tenant_id = $tenant
    GROUP BY r.tenant_id, r.account_id, r.scan_id
    -- a look at the plan alone, or a refused one, is no look
    HAVING bool_or(
        r.state = 'complete'
        AND r.source NOT IN (SELECT p.source FROM premises AS p WHERE p.topic = 'accounts')
    )
),
windows AS (
    SELECT
        tenant_id,
        min(CAST(period_start AS TIMESTAMPTZ)) AS first_at,
        max(CAST(period_end AS TIMESTAMPTZ)) AS last_at
    FROM control_instances
    WHERE responsibility <> 'n/a'
    GROUP BY tenant_id
),
between_reads AS (
    SELECT
        r.tenant_id,
        r.account_id,
        lag(r.read_at, 1, w.first_at) OVER (PARTITION BY r.account_id ORDER BY r.read_at) AS from_at,
        r.read_at AS until_at
    FROM reads AS r
    JOIN windows AS w
        ON w.tenant_id = r.tenant_id AND r.read_at >= w.first_at AND r.read_at < w.last_at
),
longest AS (
    SELECT
        *,
        median(until_at - from_at) OVER (PARTITION BY account_id) AS cadence
    FROM between_reads
    QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY until_at - from_at DESC) = 1
)
SELECT
    tenant_id,
    instance_id,
    'log' AS basis,
    log AS what,
    state,
    days AS kept_days,
    CAST(from_at AT TIME ZONE 'UTC' AS DATE) AS from_day,
    CAST(until_at AT TIME ZONE 'UTC' AS DATE) AS until_day,
    if(state = 'gone', NULL, CAST((from_at + kept) AT TIME ZONE 'UTC' AS DATE)) AS gone_from,
    if(state = 'gone', NULL, round(epoch(from_at + kept - $now) / 86400, 1)) AS days_left
FROM parts
WHERE from_at < until_at AND from_at + kept <= $now + to_days($horizon_days)
UNION ALL BY NAME
SELECT
    tenant_id,
    'scans' AS basis,
    account_id AS what,
    'longest time without a read' AS state,
    CAST(from_at AT TIME ZONE 'UTC' AS DATE) AS from_day,
    CAST(until_at AT TIME ZONE 'UTC' AS DATE) AS until_day,
    round(epoch(until_at - from_at) / 86400, 1) AS gap_days,
    round(epoch(cadence) / 86400, 1) AS usual_days
FROM longest
ORDER BY tenant_id, gone_from NULLS FIRST, instance_id NULLS LAST, what, from_day
