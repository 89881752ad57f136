-- What proves each identity.
SELECT
    identity_id, kind, public_id, status, created_at, expires_at, last_used_at, usage
FROM credentials
WHERE identity_id IS NOT NULL
    AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id))
ORDER BY identity_id, kind, created_at, credential_id
