-- title: What a shared tool did for each client: events, those attributed, and the days without any
-- why: R11: "operated N times for this client in this month", or the exact days that lack.
-- param: tenant text null only this client
-- param: from time null only events at or after this time; default the first day of last month
-- param: to time null only events before this time; default now
-- unknown: An identity of whose tool no log reaches into the time has no numbers: nothing tells what it
--   did. Days missing are whole days that the control is due on (daily: each; weekly and monthly: the
--   first day of a week or month without any) and that a log covers; days that none covers are counted
--   in days_unread.
WITH links AS (
    SELECT
        l.instance_id,
        l.identity_id,
        i.tenant_id,
        i.frequency,
        coalesce(s.tool, l.identity_id) AS tool,
        greatest(
            CAST(i.period_start AS TIMESTAMPTZ),
            coalesce($from, date_trunc('month', $now) - INTERVAL 1 MONTH)
        ) AS from_at,
        least(CAST(i.period_end AS TIMESTAMPTZ), coalesce($to, $now)) AS to_at
    FROM control_links AS l
    JOIN control_instances AS i ON i.instance_id = l.instance_id
    LEFT JOIN tools AS s ON s.identity_id = l.identity_id
    WHERE l.state IN ('linked', 'confirmed') AND ($tenant IS NULL OR i.tenant_id = $tenant)
),
seen AS (
    SELECT
        l.instance_id,
        l.identity_id,
        l.tenant_id,
        u.evidence_id,
        u.line,
        u.action,
        u.correlation,
        u.occurred_at,
        u.target_tenant_id,
        greatest(u.starts, l.from_at) AS starts,
        least(u.ends, l.to_at) AS ends,
        u.occurred_at >= l.from_at AND u.occurred_at < l.to_at AS is_in
    FROM links AS l
    JOIN tool_events AS u ON u.tool = l.tool AND u.starts < l.to_at AND u.ends >= l.from_at
    WHERE l.from_at < l.to_at
),
used AS (
    SELECT
        instance_id,
        identity_id,
        count(*) FILTER (is_in AND target_tenant_id = tenant_id) AS events,
        count(correlation) FILTER (is_in AND target_tenant_id = tenant_id) AS attributed,
        count(*) FILTER (is_in AND target_tenant_id IS NULL) AS events_of_no_client,
        list(evidence_id || ':' || line || ' ' || coalesce(action, '') ORDER BY occurred_at, line)
            FILTER (is_in AND target_tenant_id = tenant_id AND correlation IS NULL) AS unattributed,
        -- without words: what is done for no client may name any of them
        list(evidence_id || ':' || line ORDER BY occurred_at, line)
            FILTER (is_in AND target_tenant_id IS NULL) AS clientless
    FROM seen
    GROUP BY instance_id, identity_id
),
steps AS (
    SELECT
        l.instance_id,
        l.identity_id,
        l.tenant_id,
        CASE l.frequency
            WHEN 'weekly' THEN INTERVAL 7 DAY
            WHEN 'monthly' THEN INTERVAL 1 MONTH
            ELSE INTERVAL 1 DAY
        END AS step,
        unnest(
            generate_series(
                date_trunc(
                    CASE l.frequency
                        WHEN 'weekly' THEN 'week' WHEN 'monthly' THEN 'month' ELSE 'day'
                    END,
                    l.from_at
                ),
                l.to_at,
                step
            )
        ) AS slot,
        l.from_at,
        l.to_at
    FROM links AS l
    WHERE l.frequency IN ('daily', 'weekly', 'monthly') AND l.from_at < l.to_at
),
slots AS (
    SELECT
        s.instance_id,
        s.identity_id,
        s.slot,
        bool_or(coalesce(e.starts <= s.slot AND e.ends >= s.slot, false)) AS is_read,
        bool_or(coalesce(
            e.is_in AND e.target_tenant_id = s.tenant_id AND e.correlation IS NOT NULL
            AND e.occurred_at >= s.slot AND e.occurred_at < s.slot + s.step,
            false
        )) AS is_done
    FROM steps AS s
    LEFT JOIN seen AS e ON e.instance_id = s.instance_id AND e.identity_id = s.identity_id
    WHERE s.slot >= s.from_at AND s.slot + s.step <= s.to_at
    GROUP BY s.instance_id, s.identity_id, s.slot
),
days AS (
    SELECT
        instance_id,
        identity_id,
        list(CAST(slot AT TIME ZONE 'UTC' AS DATE) ORDER BY slot) FILTER (is_read AND NOT is_done)
            AS missing,
        count(*) FILTER (NOT is_read AND NOT is_done) AS unread
    FROM slots
    GROUP BY instance_id, identity_id
)
SELECT
    l.tenant_id,
    l.instance_id,
    l.identity_id,
    n.name,
    CAST(l.from_at AT TIME ZONE 'UTC' AS DATE) AS from_day,
    CAST(l.to_at AT TIME ZONE 'UTC' AS DATE) AS to_day,
    u.events,
    u.attributed,
    u.events_of_no_client,
    round(u.attributed / nullif(u.events, 0), 4) AS ratio,
    if(u.identity_id IS NULL, NULL, coalesce(d.missing, [])) AS days_missing,
    d.unread AS days_unread,
    u.unattributed[:10] AS unattributed_sample,
    u.clientless[:10] AS no_client_sample
FROM links AS l
JOIN identities AS n ON n.identity_id = l.identity_id
LEFT JOIN used AS u ON u.instance_id = l.instance_id AND u.identity_id = l.identity_id
LEFT JOIN days AS d ON d.instance_id = l.instance_id AND d.identity_id = l.identity_id
ORDER BY l.tenant_id, l.instance_id, l.identity_id
