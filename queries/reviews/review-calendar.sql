-- title: Every monthly review: when it was due, when it was held, and what it left open
-- why: R08: an auditor asks for twelve months in a row, and for the decisions in each.
-- param: tenant text null only this client
-- param: review_due_day integer 10 day of the next month by which a month's review is due
-- unknown: Only tenants with a control matrix owe reviews.
WITH months AS (
    SELECT
        s.tenant_id,
        CAST(m.month AS DATE) AS month
    FROM (
        SELECT
            tenant_id,
            date_trunc('month', min(period_start) + INTERVAL 1 MONTH - INTERVAL 1 DAY) AS first_month
        FROM control_instances
        GROUP BY tenant_id
    ) AS s
    CROSS JOIN LATERAL (
        SELECT unnest(
            generate_series(
                CAST(s.first_month AS TIMESTAMP), CAST($now AS TIMESTAMP), INTERVAL 1 MONTH
            )
        ) AS month
    ) AS m
)
SELECT
    m.tenant_id,
    strftime(m.month, '%Y-%m') AS month,
    CAST(
        CAST(m.month AS TIMESTAMP) + INTERVAL 1 MONTH + to_days(CAST($review_due_day AS INTEGER))
        AS TIMESTAMPTZ
    ) AS due_at,
    CASE
        WHEN r.held_at IS NULL THEN if(due_at <= $now, 'missed', 'not due')
        WHEN r.decided < r.items THEN 'incomplete'
        WHEN r.held_at >= due_at THEN 'late'
        ELSE 'held'
    END AS state,
    p.versions,
    p.item_count,
    r.held_at,
    r.chair_id,
    r.items,
    r.decided,
    round(100.0 * r.decided / nullif(r.items, 0), 1) AS decided_percent,
    r.undecided,
    r.inputs_sha256
FROM months AS m
LEFT JOIN reviews AS r
    ON r.tenant_id = m.tenant_id AND r.month = strftime(m.month, '%Y-%m') AND r.is_newest
LEFT JOIN (
    SELECT tenant_id, month, count(*) AS versions, max_by(item_count, version) AS item_count
    FROM review_packs
    GROUP BY tenant_id, month
) AS p ON p.tenant_id = m.tenant_id AND p.month = strftime(m.month, '%Y-%m')
WHERE $tenant IS NULL OR m.tenant_id = $tenant
ORDER BY m.tenant_id, m.month
