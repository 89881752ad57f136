-- title: Evidence by how long it is to be kept, and what is older than that
-- why: R18: what must be kept has to be there, and what need not be is a liability.
-- param: tenant text null only this client
-- unknown: Evidence of a client as a whole, and of a domain that names no retain_for, has no end; its
--   state says so. nhiscan never deletes evidence.
SELECT
    e.tenant_id,
    e.instance_id,
    e.evidence_id,
    e.kind,
    e.name,
    coalesce(e.path, e.uri) AS kept_at,
    e.custodian_id,
    e.collected_at,
    i.domain,
    CAST(s.retain_for AS VARCHAR) AS retain_for,
    coalesce(e.period_end, e.collected_at) + s.retain_for AS keep_until,
    CASE
        WHEN keep_until IS NULL THEN 'no end is said'
        WHEN keep_until <= $now THEN 'older than it must be kept'
        ELSE 'to be kept'
    END AS state
FROM evidence AS e
LEFT JOIN control_instances AS i ON i.instance_id = e.instance_id
LEFT JOIN evidence_slas AS s ON s.domain = i.domain
WHERE $tenant IS NULL OR e.tenant_id = $tenant
ORDER BY e.tenant_id, keep_until NULLS LAST, e.evidence_id
