-- Every account that was seen.
SELECT account_id, tenant_id, provider, native_id, name, environment, state
FROM accounts
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id)
ORDER BY tenant_id, account_id
