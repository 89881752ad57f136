-- Who else may act as each identity.
SELECT
    identity_id, principal, principal_kind, relation, guard, verdict, principal_identity_id, reason
FROM trusts
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id)
ORDER BY identity_id, verdict, principal, trust_id
