-- title: Closed tickets whose finding is still shown
-- why: A ticket that is closed while the gap is open hides it from everybody who trusts tickets.
-- param: tenant text null only this client
-- unknown: verdict is unknown where nothing was read whole since the ticket was closed: scan first.
SELECT
    if(
        f.status <> 'unknown' AND f.last_seen >= coalesce(t.closed_at, t.recorded_at),
        'open', 'unknown'
    ) AS verdict,
    f.severity,
    f.rule,
    f.tenant_id,
    f.title,
    t.ticket_ref,
    t.status AS ticket_status,
    t.closed_at,
    f.last_seen,
    f.owner_id,
    f.due_at,
    f.unread,
    f.finding_id
FROM tickets AS t
JOIN findings AS f ON f.finding_id = t.finding_id
WHERE t.is_closed
    AND f.status IN ('open', 'unknown')
    AND ($tenant IS NULL OR f.tenant_id = $tenant)
    -- another ticket took it over
    AND NOT EXISTS (
        FROM tickets AS o WHERE o.finding_id = t.finding_id AND NOT o.is_closed
    )
ORDER BY
    verdict,
    list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity),
    f.tenant_id, t.ticket_ref, f.finding_id
