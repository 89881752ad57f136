-- title: Exceptions by whoever accepted them, and whether they may and still hold
-- why: R06: a risk belongs to the client; whoever accepts it must be entitled to, and until a day.
-- param: tenant text null only this client
-- unknown: An acceptor whom no roster knows is not entitled, as far as anybody can show.
SELECT
    e.tenant_id,
    e.accepted_org,
    coalesce(e.accepted_id, e.accepted_ref) AS accepted_by,
    CASE
        WHEN NOT e.is_entitled THEN 'not theirs to accept'
        WHEN e.expires_at <= CAST($now AS DATE) THEN 'run out'
        WHEN e.granted_at > CAST($now AS DATE) THEN 'not yet in force'
        ELSE 'in force'
    END AS state,
    e.exception_id,
    e.rule,
    coalesce(e.identity_id, e.identity_ref, e.instance_id) AS subject,
    e.reason,
    e.requested_ref AS requested_by,
    e.granted_at,
    e.expires_at,
    e.compensating_control,
    (
        SELECT count(*) FROM findings AS f
        WHERE f.status = 'accepted' AND f.evidence ->> 'exception' = e.exception_id
    ) AS findings_accepted,
    e.file,
    e.line
FROM exceptions AS e
WHERE $tenant IS NULL OR e.tenant_id = $tenant
ORDER BY e.tenant_id, e.accepted_org NULLS FIRST, accepted_by, e.exception_id
