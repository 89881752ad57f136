-- What was not read whole at the last scan.
SELECT tenant_id, account_id AS account, region, source, state, reason
FROM latest_coverage
WHERE state NOT IN ('complete', 'not_available')
    AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id))
ORDER BY ALL
