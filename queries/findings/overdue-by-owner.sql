-- title: Overdue findings by owner
-- why: Who has the most that is late needs help, or to be asked.
-- param: tenant text null only this client
-- unknown: verdict is unknown where a source was not read this time: it may be mended already.
SELECT
    if(f.status = 'unknown', 'unknown', 'open') AS verdict,
    f.owner_id,
    p.name AS owner,
    f.tenant_id,
    count(*) AS overdue,
    count(*) FILTER (f.severity IN ('critical', 'high')) AS severe,
    min(f.due_at) AS due_first,
    date_diff('day', min(f.due_at), $now) AS days_late,
    count(DISTINCT t.finding_id) AS with_open_ticket
FROM findings AS f
LEFT JOIN parties AS p ON p.party_id = f.owner_id
LEFT JOIN (SELECT DISTINCT finding_id FROM tickets WHERE NOT is_closed) AS t
    ON t.finding_id = f.finding_id
WHERE f.status IN ('open', 'unknown') AND f.due_at <= $now
    AND ($tenant IS NULL OR f.tenant_id = $tenant)
GROUP BY ALL
ORDER BY severe DESC, overdue DESC, f.owner_id NULLS FIRST, f.tenant_id, verdict
