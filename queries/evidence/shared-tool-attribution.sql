-- title: What a shared tool did for each client: events, those attributed, and the days without any
-- why: R11: "operated N times for this client in this month", or the exact days that lack.
-- param: tenant text null only this client
-- param: from time null only events at or after this time; default the first day of last month
-- param: to time null only events before this time; default now
-- unknown: An identity without any imported event has no row of numbers: nothing tells what it did.
WITH links AS (
    SELECT
        l.instance_id,
        l.identity_id,
        i.tenant_id,
        i.frequency,
        greatest(
            CAST(i.period_start AS TIMESTAMPTZ),
            coalesce($from, date_trunc('month', $now) - INTERVAL 1 MONTH)
        ) AS from_at,
        least(CAST(i.period_end AS TIMESTAMPTZ), coalesce($to, $now)) AS to_at
    FROM control_links AS l
    JOIN control_instances AS i ON i.instance_id = l.instance_id
    WHERE l.state IN ('linked', 'confirmed') AND ($tenant IS NULL OR i.tenant_id = $tenant)
),
used AS (
    SELECT
        l.instance_id,
        l.identity_id,
        count(u.line) AS events,
        count(u.correlation) AS attributed,
        list(DISTINCT CAST(u.occurred_at AT TIME ZONE 'UTC' AS DATE)) FILTER (u.correlation IS NOT NULL)
            AS days,
        list(u.evidence_id || ':' || u.line || ' ' || coalesce(u.action, '') ORDER BY u.occurred_at)
            FILTER (u.line IS NOT NULL AND u.correlation IS NULL) AS unattributed
    FROM links AS l
    LEFT JOIN usage_events AS u
        ON u.identity_id = l.identity_id
        AND u.target_tenant_id = l.tenant_id
        AND u.occurred_at >= l.from_at
        AND u.occurred_at < l.to_at
    GROUP BY l.instance_id, l.identity_id
)
SELECT
    l.tenant_id,
    l.instance_id,
    l.identity_id,
    n.name,
    CAST(l.from_at AT TIME ZONE 'UTC' AS DATE) AS from_day,
    CAST(l.to_at AT TIME ZONE 'UTC' AS DATE) AS to_day,
    if(k.identity_id IS NULL, NULL, u.events) AS events,
    if(k.identity_id IS NULL, NULL, u.attributed) AS attributed,
    round(u.attributed / nullif(u.events, 0), 4) AS ratio,
    if(
        k.identity_id IS NULL OR coalesce(l.frequency, '') <> 'daily',
        NULL,
        list_filter(
            list_transform(
                generate_series(
                    date_trunc('day', l.from_at AT TIME ZONE 'UTC'),
                    (l.to_at AT TIME ZONE 'UTC') - INTERVAL 1 MICROSECOND,
                    INTERVAL 1 DAY
                ),
                lambda d: CAST(d AS DATE)
            ),
            lambda d: NOT list_contains(coalesce(u.days, []), d)
        )
    ) AS days_missing,
    u.unattributed[:10] AS unattributed_sample
FROM links AS l
JOIN used AS u ON u.instance_id = l.instance_id AND u.identity_id = l.identity_id
JOIN identities AS n ON n.identity_id = l.identity_id
LEFT JOIN (SELECT DISTINCT identity_id FROM usage_events) AS k ON k.identity_id = l.identity_id
ORDER BY l.tenant_id, l.instance_id, l.identity_id
