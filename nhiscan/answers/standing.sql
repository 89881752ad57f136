-- The tickets of a file that do not agree with what the clouds show.
SELECT
    CASE
        WHEN NOT t.is_closed THEN 'to_close'
        WHEN f.status <> 'unknown' AND f.last_seen >= coalesce(t.closed_at, t.recorded_at) THEN 'shown'
        ELSE 'unread'
    END AS kind,
    t.ticket_ref,
    t.finding_id,
    f.rule || ' ' || f.title AS title
FROM told_ticket AS s
JOIN tickets AS t ON t.finding_id = s.finding_id AND t.ticket_ref = s.ticket_ref
JOIN findings AS f ON f.finding_id = s.finding_id
WHERE if(t.is_closed, f.status IN ('open', 'unknown'), f.status = 'resolved')
ORDER BY kind, t.ticket_ref, t.finding_id
