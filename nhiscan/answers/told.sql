-- How many tickets an import named first, changed, closed, and left as they were.
SELECT
    (SELECT count(*) FROM new_ticket WHERE is_new),
    (SELECT count(*) FROM new_ticket WHERE NOT is_new),
    (
        SELECT count(*) FROM new_ticket AS n
        JOIN tickets AS t ON t.finding_id = n.finding_id AND t.ticket_ref = n.ticket_ref
        WHERE t.is_closed
    ),
    (SELECT count(*) FROM told_ticket) - (SELECT count(*) FROM new_ticket)
