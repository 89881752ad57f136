-- comment: Tickets about findings, as the ticket system last said (`nhiscan import tickets`).
-- history: no
-- column finding_id: The finding.
-- column tenant_id: The client.
-- column ticket_ref: The ticket's number or key in its system.
-- column status: Its state there, as written.
-- column is_closed: Whether it is closed there.
-- column closed_at: When it was closed, if that was said.
-- column recorded_by: Who imported it.
-- column recorded_at: When.
SELECT t.finding_id, t.tenant_id, t.ticket_ref, t.status,
    t.closed_at IS NOT NULL
        -- as ticket systems say it: Closed Complete, Won't Do, Canceled
        OR coalesce(
            regexp_matches(
                lower(trim(t.status)),
                '^(closed|done|resolved|completed?|cancell?ed|fixed|rejected|won.?t (do|fix))\b'
            ),
            false
        ) AS is_closed,
    t.closed_at, t.recorded_by, t.recorded_at
FROM ticket t
WHERE @before(t.recorded_at)
QUALIFY row_number() OVER (
    PARTITION BY t.finding_id, t.ticket_ref ORDER BY t.recorded_at DESC, t.rowid DESC
) = 1
