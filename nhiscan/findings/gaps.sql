-- Findings as a list to work through: the worst first, then what is due first.
-- Each $…s is a list of what to show, or null for all; severities from $severity up.
SELECT
    f.severity,
    f.rule,
    f.status,
    f.tenant_id,
    f.title,
    coalesce(p.name, f.owner_id) AS owner,
    f.due_at,
    f.identity_id,
    f.account_id,
    i.native_id AS identity,
    i.owner_status,
    f.first_seen,
    f.last_seen,
    f.remediation,
    f.unread,
    f.owner_id,
    f.backup_id,
    f.credential_id,
    f.instance_id,
    f.finding_id
FROM findings AS f
LEFT JOIN identities AS i ON i.identity_id = f.identity_id
LEFT JOIN parties AS p ON p.party_id = f.owner_id
WHERE ($tenants IS NULL OR list_contains($tenants, f.tenant_id))
    AND ($rules IS NULL OR list_contains($rules, f.rule))
    AND ($owners IS NULL OR list_contains($owners, coalesce(f.owner_id, 'unassigned')))
    AND list_contains($statuses, f.status)
    AND list_position($severities, f.severity) >= list_position($severities, $severity)
ORDER BY
    list_position($severities, f.severity) DESC,
    f.due_at NULLS LAST,
    f.rule,
    f.tenant_id,
    f.title,
    f.finding_id
