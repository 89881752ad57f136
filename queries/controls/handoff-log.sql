-- title: Who handed a control or its evidence to whom, and whether it was acknowledged
-- why: After a change of people, partner or client: what was handed over, and what nobody took.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- param: from time null only hand-offs from this day on
-- param: to time null only hand-offs before this day
-- unknown: Changes of owner are known only between two scans that read the matrix. verdict is fail
--   where nobody has acknowledged it, ahead where it is still to come.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
intervals AS (
    SELECT
        c.*,
        coalesce(p.name, c.custodian_ref) AS person,
        lag(c.custodian_org) OVER w AS org_before,
        lag(coalesce(p.name, c.custodian_ref)) OVER w AS person_before
    FROM custody AS c
    LEFT JOIN parties AS p ON p.party_id = c.custodian_id
    WINDOW w AS (PARTITION BY c.instance_id ORDER BY c.period_start, c.position)
),
owners AS (
    SELECT
        instance_id,
        valid_from,
        accountable_id,
        array_to_string(accountable_refs, ', ') AS named,
        lag(accountable_id) OVER w AS id_before,
        lag(array_to_string(accountable_refs, ', ')) OVER w AS named_before
    FROM control_instances_history
    WINDOW w AS (PARTITION BY instance_id ORDER BY valid_from)
),
acknowledged AS (
    SELECT instance_id, handoff_ack, min(valid_from) AS seen_at
    FROM custody_history
    WHERE handoff_ack IS NOT NULL
    GROUP BY instance_id, handoff_ack, coalesce(custodian_id, custodian_ref, custodian_org)
),
handed AS (
    SELECT
        instance_id,
        'custody' AS what,
        period_start AS on_day,
        concat_ws(', ', person_before, org_before) AS from_whom,
        concat_ws(', ', person, custodian_org) AS to_whom,
        handoff_ack,
        line
    FROM intervals
    WHERE org_before IS NOT NULL AND (custodian_org <> org_before OR person <> person_before)
    UNION ALL
    SELECT
        o.instance_id,
        'accountability',
        CAST(o.valid_from AT TIME ZONE 'UTC' AS DATE),
        o.named_before,
        o.named,
        -- the first that was entered with the change or after it
        (
            SELECT min_by(a.handoff_ack, a.seen_at)
            FROM acknowledged AS a
            WHERE a.instance_id = o.instance_id AND a.seen_at >= o.valid_from
        ),
        NULL
    FROM owners AS o
    WHERE o.named <> ''
        AND o.named_before <> ''
        AND o.named <> o.named_before
        AND coalesce(o.accountable_id <> o.id_before, true)
)
SELECT
    CASE
        WHEN h.on_day > t.day THEN 'ahead'
        WHEN h.handoff_ack <= t.day THEN 'pass'
        ELSE 'fail'
    END AS verdict,
    i.tenant_id,
    h.instance_id,
    i.criteria,
    h.what,
    h.on_day,
    h.from_whom,
    h.to_whom,
    h.handoff_ack AS acknowledged_on,
    h.handoff_ack - h.on_day AS days_later,
    i.file || ':' || coalesce(
        CAST(h.line AS VARCHAR), i.lines ->> 'accountable', CAST(i.line AS VARCHAR)
    ) AS source
FROM handed AS h
JOIN control_instances AS i ON i.instance_id = h.instance_id
CROSS JOIN today AS t
WHERE ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(i.criteria, $criterion))
    AND ($from IS NULL OR h.on_day >= CAST(CAST($from AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE))
    AND ($to IS NULL OR h.on_day < CAST(CAST($to AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE))
ORDER BY i.tenant_id, h.on_day, h.instance_id, h.what
