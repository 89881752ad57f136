-- title: Can each owner prove that the control operated: expected operations and those with proof
-- why: R03: the owner of a control is whoever can show that it operated, each time it should have.
-- param: tenant text null only this client
-- param: from time null only operations that began at or after this time
-- param: to time null only operations that ended before this time
-- unknown: Expected operations come from the frequency: whole calendar days, weeks, months, quarters or
--   years within the instance's period that are over. What happens on events alone, or says no
--   frequency, has no number: its verdict is unknown without any proof, for nothing may have happened.
WITH steps(frequency, unit, step) AS (
    VALUES
        ('daily', 'day', INTERVAL 1 DAY),
        ('weekly', 'week', INTERVAL 7 DAY),
        ('monthly', 'month', INTERVAL 1 MONTH),
        ('quarterly', 'quarter', INTERVAL 3 MONTH),
        ('annual', 'year', INTERVAL 1 YEAR)
),
asked AS (
    SELECT
        i.instance_id,
        s.unit,
        s.step,
        greatest(
            CAST(i.period_start AS TIMESTAMPTZ), coalesce($from, CAST(i.period_start AS TIMESTAMPTZ))
        ) AS first_at,
        least(
            CAST(i.period_end AS TIMESTAMPTZ), $now, coalesce($to, CAST(i.period_end AS TIMESTAMPTZ))
        ) AS last_at
    FROM control_instances AS i
    JOIN steps AS s ON s.frequency = i.frequency
    WHERE i.responsibility <> 'n/a' AND ($tenant IS NULL OR i.tenant_id = $tenant)
),
slots AS (
    SELECT a.instance_id, a.step, a.slot
    FROM (
        SELECT
            instance_id, step, first_at, last_at,
            unnest(generate_series(date_trunc(unit, first_at), last_at, step)) AS slot
        FROM asked
        WHERE first_at < last_at
    ) AS a
    WHERE a.slot >= a.first_at AND a.slot + a.step <= a.last_at
),
proven AS (
    SELECT
        s.instance_id,
        s.slot,
        bool_or(p.evidence_id IS NOT NULL) AS is_proven
    FROM slots AS s
    LEFT JOIN proofs AS p
        ON p.instance_id = s.instance_id
        AND p.is_operation
        AND p.is_own
        -- without a period of its own it speaks of the operation it was collected in
        AND coalesce(p.period_start, p.collected_at) < s.slot + s.step
        AND coalesce(p.period_end, p.collected_at + INTERVAL 1 MICROSECOND) > s.slot
    GROUP BY s.instance_id, s.slot
),
counted AS (
    SELECT
        instance_id,
        count(*) AS expected,
        count(*) FILTER (is_proven) AS proven,
        list(CAST(slot AT TIME ZONE 'UTC' AS DATE) ORDER BY slot) FILTER (NOT is_proven) AS missing
    FROM proven
    GROUP BY instance_id
),
pieces AS (
    SELECT
        instance_id,
        count(*) AS items,
        count(*) FILTER (is_operation AND is_own) AS own_items,
        count(*) FILTER (is_operation AND NOT is_own) AS items_elsewhere,
        count(*) FILTER (NOT is_operation) AS items_of_no_operation
    FROM proofs
    GROUP BY instance_id
)
SELECT
    CASE
        WHEN i.accountable_id IS NULL THEN 'fail'
        WHEN c.expected > 0 THEN if(c.proven = c.expected, 'pass', 'fail')
        WHEN p.own_items > 0 THEN 'pass'
        WHEN p.items > 0 THEN 'fail'
        ELSE 'unknown'
    END AS verdict,
    i.tenant_id,
    i.instance_id,
    i.accountable_id AS owner,
    i.frequency,
    c.expected,
    c.proven,
    round(c.proven / nullif(c.expected, 0), 4) AS score,
    c.missing,
    coalesce(p.items, 0) AS items,
    coalesce(p.own_items, 0) AS own_items,
    coalesce(p.items_elsewhere, 0) AS items_elsewhere,
    coalesce(p.items_of_no_operation, 0) AS items_of_no_operation
FROM control_instances AS i
LEFT JOIN counted AS c ON c.instance_id = i.instance_id
LEFT JOIN pieces AS p ON p.instance_id = i.instance_id
WHERE i.responsibility <> 'n/a' AND ($tenant IS NULL OR i.tenant_id = $tenant)
ORDER BY i.tenant_id, i.instance_id
