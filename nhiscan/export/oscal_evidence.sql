-- Pieces of evidence of one client that were collected within a period or are about it.
-- Parameters $tenant, $start and $end (exclusive).
SELECT
    evidence_id,
    instance_id,
    kind,
    name,
    coalesce(uri, path) AS place,
    sha256,
    coalesce(collected_at, recorded_at) AS collected_at,
    period_start,
    period_end,
    custodian_id,
    incomplete
FROM evidence
WHERE tenant_id = $tenant
    AND coalesce(collected_at, recorded_at) < CAST($end AS TIMESTAMPTZ)
    AND (
        coalesce(collected_at, recorded_at) >= CAST($start AS TIMESTAMPTZ)
        OR period_end > CAST($start AS TIMESTAMPTZ)
    )
ORDER BY evidence_id
