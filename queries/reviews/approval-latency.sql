-- title: How long approvals take, client by client
-- why: R27: two people for every change costs time; where it costs weeks, people go around it.
-- param: tenant text null only this client
-- unknown: Only records that tell when it was asked for (`requested_at`) can be measured.
WITH told AS (
    SELECT
        tenant_id,
        CAST(record ->> 'approved_at' AS TIMESTAMPTZ) AS approved_at,
        TRY_CAST(record ->> 'requested_at' AS TIMESTAMPTZ) AS requested_at
    FROM evidence_records
    WHERE kind = 'change_approval'
)
SELECT
    tenant_id,
    count(*) AS approvals,
    count(*) FILTER (requested_at IS NULL) AS not_measurable,
    round(quantile_cont(epoch(approved_at - requested_at) / 3600, 0.5), 1) AS p50_hours,
    round(quantile_cont(epoch(approved_at - requested_at) / 3600, 0.95), 1) AS p95_hours
FROM told
WHERE $tenant IS NULL OR tenant_id = $tenant
GROUP BY tenant_id
ORDER BY tenant_id
