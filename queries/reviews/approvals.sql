-- title: Changes with their approvals: who asked, who approved, who did it, and in which order
-- why: R06: the client keeps the authority to approve; an approval that came after proves nothing.
-- param: tenant text null only this client
-- unknown: Without a record of when it was done, the identity's creation is taken; without that, the
--   order is unknown.
WITH told AS (
    SELECT
        r.tenant_id,
        r.identity_id,
        r.record ->> 'identity' AS identity,
        r.record ->> 'requested_by' AS requested_by,
        r.record ->> 'approved_by' AS approved_by,
        r.record ->> 'executed_by' AS executed_by,
        CAST(r.record ->> 'approved_at' AS TIMESTAMPTZ) AS approved_at,
        coalesce(CAST(r.record ->> 'executed_at' AS TIMESTAMPTZ), i.created_at) AS executed_at,
        r.record ->> 'ticket' AS ticket,
        r.evidence_id
    FROM evidence_records AS r
    LEFT JOIN identities AS i ON i.identity_id = r.identity_id
    WHERE r.kind = 'change_approval'
)
SELECT
    tenant_id,
    identity,
    identity_id,
    requested_by,
    approved_by,
    approved_at,
    executed_by,
    executed_at,
    CASE
        WHEN approved_by IN (executed_by, requested_by) THEN 'approved by whoever asked or did it'
        WHEN executed_at IS NULL THEN 'unknown: nothing tells when it was done'
        WHEN approved_at > executed_at THEN 'approved afterwards'
        ELSE 'approved before'
    END AS state,
    executed_at - approved_at AS lead_time,
    ticket,
    evidence_id
FROM told
WHERE $tenant IS NULL OR tenant_id = $tenant
ORDER BY tenant_id, approved_at, identity
