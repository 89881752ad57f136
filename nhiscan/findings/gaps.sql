-- Findings as a list to work through: the worst first, then what is due first.
-- Each $…s is a list of what to show, or null for all; severities from $severity up; $is_new only
-- what opened, or came back, at the newest scan or after it.
SELECT
    f.severity,
    f.rule,
    f.status,
    f.tenant_id,
    f.title,
    coalesce(p.name, f.owner_id) AS owner,
    f.due_at,
    t.ticket_ref,
    f.identity_id,
    f.account_id,
    i.native_id AS identity,
    i.owner_status,
    f.first_seen,
    f.last_seen,
    f.opened_at,
    f.resolved_at,
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
LEFT JOIN (
    -- an open ticket before a closed one, then the newest
    SELECT finding_id, arg_max(ticket_ref, (NOT is_closed, recorded_at, ticket_ref)) AS ticket_ref
    FROM tickets
    GROUP BY finding_id
) AS t ON t.finding_id = f.finding_id
WHERE ($tenants IS NULL OR list_contains($tenants, f.tenant_id))
    AND ($rules IS NULL OR list_contains($rules, f.rule))
    AND ($owners IS NULL OR list_contains($owners, coalesce(f.owner_id, 'unassigned')))
    AND list_contains($statuses, f.status)
    AND (NOT $is_new OR f.opened_at >= (SELECT max(scans.started_at) FROM scans))
    AND ($since::TIMESTAMPTZ IS NULL OR f.opened_at >= $since)
    AND ($overdue_at::TIMESTAMPTZ IS NULL OR f.due_at <= $overdue_at)
    AND list_position($severities, f.severity) >= list_position($severities, $severity)
ORDER BY
    list_position($severities, f.severity) DESC,
    f.due_at NULLS LAST,
    f.rule,
    f.tenant_id,
    f.title,
    f.finding_id
