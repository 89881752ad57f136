-- title: Monthly reviews that were not held, late or incomplete
-- why: Exceptions and overdue remediation that nobody looked at are accepted by nobody.
-- rule: REV-01
-- severity: medium
-- frameworks: soc2: CC4.2; csf: GV.OV-03, ID.RA-06; nist_800_53: CA-5, CA-7, PM-4; iso_27001: 5.27~
-- param: review_due_day integer 10 day of the next month by which a month's review is due
-- unknown: Only tenants with a control matrix owe reviews; what was not recorded was not held, as far
--   as anybody can prove.
-- remediation: Prepare the pack of the month, decide on every item, and record it; a late review stays
--   told until a later month was reviewed in time.
WITH started AS (
    -- the first month due is the first full month after the earliest start of a control
    SELECT
        tenant_id,
        CAST(date_trunc('month', min(period_start) + INTERVAL 1 MONTH - INTERVAL 1 DAY) AS DATE)
            AS first_month
    FROM control_instances
    GROUP BY tenant_id
),
months AS (
    SELECT
        s.tenant_id,
        CAST(m.month AS DATE) AS month,
        CAST(m.month + INTERVAL 1 MONTH + to_days(CAST($review_due_day AS INTEGER)) AS TIMESTAMPTZ)
            AS due_at
    FROM started AS s
    CROSS JOIN LATERAL (
        SELECT unnest(
            generate_series(
                CAST(s.first_month AS TIMESTAMP), CAST($now AS TIMESTAMP), INTERVAL 1 MONTH
            )
        ) AS month
    ) AS m
),
held AS (
    SELECT
        m.tenant_id,
        m.month,
        m.due_at,
        r.held_at,
        r.items,
        r.decided,
        r.inputs_sha256,
        p.inputs_sha256 AS frozen_sha256,
        r.held_at IS NOT NULL AND r.decided = r.items AND r.inputs_sha256 = p.inputs_sha256
            AS is_complete
    FROM months AS m
    LEFT JOIN reviews AS r
        ON r.tenant_id = m.tenant_id
        AND r.month = strftime(m.month, '%Y-%m')
        AND r.is_newest
    LEFT JOIN (
        SELECT
            tenant_id,
            month,
            max_by(inputs_sha256, version) AS inputs_sha256
        FROM review_packs
        GROUP BY tenant_id, month
    ) AS p
        ON p.tenant_id = m.tenant_id AND p.month = strftime(m.month, '%Y-%m')
),
in_time AS (
    SELECT tenant_id, max(month) AS month
    FROM held
    WHERE is_complete AND held_at < due_at
    GROUP BY tenant_id
)
SELECT
    'open' AS verdict,
    h.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    c.instance_id,
    strftime(h.month, '%Y-%m') AS subject,
    'the review of ' || strftime(h.month, '%Y-%m') || CASE
        WHEN h.held_at IS NULL THEN ' was not held'
        WHEN h.inputs_sha256 IS DISTINCT FROM h.frozen_sha256
            THEN ' decided on another pack than the one that was frozen last'
        WHEN h.decided < h.items THEN ' left items without a decision'
        ELSE ' was held late'
    END AS title,
    strftime(h.month, '%Y-%m') AS month,
    h.due_at,
    h.held_at,
    h.items,
    h.decided,
    h.inputs_sha256,
    h.frozen_sha256,
    if(h.is_complete, 'a later review in time', 'a decision on every item of the frozen pack')
        AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM held AS h
LEFT JOIN in_time AS t ON t.tenant_id = h.tenant_id
-- whoever answers for the evaluation of controls answers for its review
LEFT JOIN (
    SELECT tenant_id, min(instance_id) AS instance_id
    FROM control_instances
    WHERE list_has_any(criteria, ['CC4.1', 'CC4.2'])
    GROUP BY tenant_id
) AS c ON c.tenant_id = h.tenant_id
WHERE h.due_at <= $now
    AND (NOT h.is_complete OR (h.held_at >= h.due_at AND coalesce(t.month < h.month, true)))
ORDER BY h.tenant_id, h.month
