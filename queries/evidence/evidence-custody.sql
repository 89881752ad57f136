-- title: Evidence that was collected by somebody other than the custodian of that day
-- why: R09 and R10: whoever keeps the proof should be whoever was to keep it when it came about.
-- param: tenant text null only this client
-- unknown: Judged is the organization that keeps a piece against custody in the matrix on the day it was
--   collected; on days without a custodian nobody is the right one. What scans record by themselves
--   about a client as a whole has no custodian.
SELECT
    if(p.is_with_custodian, 'pass', 'fail') AS verdict,
    p.tenant_id,
    p.instance_id,
    p.evidence_id,
    p.kind,
    p.collected_at,
    p.custodian_id,
    p.custodian_org,
    (
        SELECT list(DISTINCT c.custodian_org ORDER BY c.custodian_org)
        FROM custody AS c
        WHERE c.instance_id = p.instance_id
            AND CAST(c.period_start AS TIMESTAMPTZ) <= p.collected_at
            AND coalesce(CAST(c.period_end AS TIMESTAMPTZ) > p.collected_at, true)
    ) AS custodians_then
FROM proofs AS p
WHERE $tenant IS NULL OR p.tenant_id = $tenant
ORDER BY p.tenant_id, p.instance_id, p.collected_at, p.evidence_id
