-- What is open, unsure or accepted, and what was resolved within the last $days days.
WITH ticketed AS (
    SELECT finding_id, arg_max(ticket_ref, {'at': recorded_at, 'ref': ticket_ref}) AS ticket_ref FROM tickets GROUP BY ALL
)

SELECT
    f.finding_id, f.rule, f.severity, f.status, f.tenant_id, f.identity_id, f.instance_id,
    f.credential_id, f.title, f.owner_id, f.backup_id, f.first_seen, f.opened_at, f.last_seen,
    f.due_at, f.resolved_at, f.unread, t.ticket_ref, f.evidence ->> 'exception' AS exception_id
FROM findings AS f
LEFT JOIN ticketed AS t ON t.finding_id = f.finding_id
WHERE (f.status <> 'resolved' OR f.resolved_at >= $now::TIMESTAMPTZ - to_days($days::INTEGER))
    AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, f.tenant_id))
ORDER BY
    list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity), f.due_at, f.finding_id
