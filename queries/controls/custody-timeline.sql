-- title: Who kept the evidence when, with gaps and overlaps
-- why: For an audit of a past period: whom to ask for the logs of which days, and for which days
--   there is nobody to ask.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- param: from time null first day of the window; else of each instance's period
-- param: to time null first day after the window; else after each instance's period
-- unknown: Intervals are [starts, ends): the day on which one ends is no longer its own. Days
--   outside of an instance's period are neither kept nor missing.
WITH
asked AS (
    SELECT
        CAST(CAST($from AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS first_asked,
        CAST(CAST($to AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS last_asked
),
judged AS (
    SELECT
        control_instances.*,
        greatest(period_start, first_asked) AS first_day,
        least(period_end, last_asked) AS last_day
    FROM control_instances
    CROSS JOIN asked
    WHERE responsibility <> 'n/a'
        AND ($tenant IS NULL OR tenant_id = $tenant)
        AND ($criterion IS NULL OR list_contains(criteria, $criterion))
        AND (last_asked IS NULL OR period_start < last_asked)
        AND (first_asked IS NULL OR period_end > first_asked)
),
kept AS (
    SELECT
        i.instance_id,
        i.first_day,
        i.last_day,
        c.position,
        c.custodian_org,
        coalesce(p.name, c.custodian_ref) AS custodian,
        coalesce(o.name, c.oversight_ref) AS oversight,
        c.handoff_ack,
        c.line,
        greatest(c.period_start, i.first_day) AS starts,
        least(coalesce(c.period_end, i.last_day), i.last_day) AS ends,
        max(ends) OVER (
            PARTITION BY i.instance_id
            ORDER BY starts, ends, c.position
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS kept_until
    FROM judged AS i
    JOIN custody AS c
        ON c.instance_id = i.instance_id
        AND c.period_start < i.last_day
        AND coalesce(c.period_end, i.last_day) > i.first_day
    LEFT JOIN parties AS p ON p.party_id = c.custodian_id
    LEFT JOIN parties AS o ON o.party_id = c.oversight_id
),
told AS (
    SELECT
        instance_id, 'custody' AS kind, starts, ends, custodian_org, custodian, oversight,
        handoff_ack, line
    FROM kept
    UNION ALL BY NAME
    SELECT
        instance_id, 'gap' AS kind, coalesce(kept_until, first_day) AS starts, starts AS ends
    FROM kept
    WHERE starts > coalesce(kept_until, first_day)
    UNION ALL BY NAME
    SELECT instance_id, 'gap' AS kind, max(ends) AS starts, last_day AS ends
    FROM kept
    GROUP BY instance_id, last_day
    HAVING max(ends) < last_day
    UNION ALL BY NAME
    SELECT instance_id, 'gap' AS kind, first_day AS starts, last_day AS ends
    FROM judged
    WHERE instance_id NOT IN (SELECT k.instance_id FROM kept AS k)
    UNION ALL BY NAME
    SELECT
        a.instance_id,
        'overlap' AS kind,
        greatest(a.starts, b.starts) AS starts,
        least(a.ends, b.ends) AS ends,
        concat_ws(' and ', a.custodian_org, b.custodian_org) AS custodian_org,
        concat_ws(' and ', a.custodian, b.custodian) AS custodian,
        greatest(a.line, b.line) AS line
    FROM kept AS a
    JOIN kept AS b
        ON b.instance_id = a.instance_id
        AND a.position < b.position
        AND a.starts < b.ends
        AND b.starts < a.ends
)
SELECT
    if(t.kind = 'custody', 'pass', 'fail') AS verdict,
    i.tenant_id,
    t.instance_id,
    i.criteria,
    t.kind,
    t.starts,
    t.ends,
    t.ends - t.starts AS days,
    t.custodian_org,
    t.custodian,
    t.oversight,
    t.handoff_ack,
    i.file || ':' || coalesce(
        CAST(t.line AS VARCHAR), i.lines ->> 'custody', CAST(i.line AS VARCHAR)
    ) AS source
FROM told AS t
JOIN judged AS i ON i.instance_id = t.instance_id
ORDER BY i.tenant_id, t.instance_id, t.starts, t.kind, t.ends
