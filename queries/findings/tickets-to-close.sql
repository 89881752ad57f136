-- title: Open tickets whose finding is resolved
-- why: Work that is done stays on somebody's list until the ticket is closed.
-- param: tenant text null only this client
-- unknown: A finding is resolved only by a complete read that no longer shows it.
SELECT
    f.tenant_id,
    t.ticket_ref,
    t.status AS ticket_status,
    f.rule,
    f.title,
    f.resolved_at,
    f.owner_id,
    f.finding_id
FROM tickets AS t
JOIN findings AS f ON f.finding_id = t.finding_id
WHERE NOT t.is_closed
    AND f.status = 'resolved'
    AND ($tenant IS NULL OR f.tenant_id = $tenant)
ORDER BY f.tenant_id, t.ticket_ref, f.finding_id
