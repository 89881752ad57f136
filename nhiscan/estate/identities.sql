-- Every identity with its owner, and the worst of what is open about it.
WITH found AS (
    SELECT
        identity_id, count(*) AS n,
        max(list_position(['info', 'low', 'medium', 'high', 'critical'], severity)) AS worst
    FROM findings
    WHERE status IN ('open', 'unknown') AND identity_id IS NOT NULL
    GROUP BY identity_id
)

SELECT
    i.identity_id, i.tenant_id, i.provider, coalesce(a.name, a.native_id, i.account_id) AS account,
    i.kind, i.name, i.native_id, i.class, i.enabled, i.privilege, i.usage, i.last_used_at,
    i.created_at, i.owner_id, i.owner_status, i.owner_confidence, i.backup_id, i.reach_tenants,
    i.first_seen, i.last_seen, coalesce(f.n, 0) AS open_findings,
    ['info', 'low', 'medium', 'high', 'critical'][f.worst] AS worst_severity, i.unread
FROM identities AS i
LEFT JOIN accounts AS a ON a.account_id = i.account_id AND a.tenant_id = i.tenant_id
LEFT JOIN found AS f ON f.identity_id = i.identity_id
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, i.tenant_id)
ORDER BY i.tenant_id, i.name, i.identity_id
