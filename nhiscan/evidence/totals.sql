-- How each source that shows identities of a tenant, or could have, was read last, and what it gave.
-- `records` counts all that a source gave, credentials and rights too: never fewer than `identities`.
SELECT r.account_id, r.source, r.region, r.state, r.scan_id, r.read_at, r.calls,
    r.rows AS records, count(i.identity_id) AS identities
FROM latest_coverage AS r
LEFT JOIN identities AS i
    ON i.tenant_id = r.tenant_id AND i.account_id = r.account_id AND i.source = r.source
    AND i.region = r.region
WHERE r.tenant_id = $tenant
GROUP BY ALL
HAVING identities > 0 OR r.state NOT IN ('complete', 'not_available')
ORDER BY r.account_id, r.source, r.region
