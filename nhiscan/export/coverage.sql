-- What the newest scan of each account could not read: it limits what the lists can say.
-- Parameter $tenants: the tenants to export, null for all.
SELECT tenant_id AS client, account_id, region, source, state, reason
FROM latest_coverage
WHERE state NOT IN ('complete', 'not_available')
    AND (CAST($tenants AS VARCHAR[]) IS NULL OR list_contains(CAST($tenants AS VARCHAR[]), tenant_id))
ORDER BY ALL
