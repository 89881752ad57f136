-- Which control instances each identity operates, and why we say so.
SELECT
    identity_id, instance_id, basis, confidence, grade, state,
    [x ->> 'reason' FOR x IN CAST(reasons AS JSON[])] AS reason
FROM control_links
WHERE state <> 'rejected'
    AND (
        $tenants::VARCHAR[] IS NULL
        OR (list_contains($tenants, tenant_id) AND list_contains($tenants, identity_tenant_id))
    )
ORDER BY identity_id, instance_id
