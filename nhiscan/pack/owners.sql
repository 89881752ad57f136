-- What each owner has open of $tenant: how much, how bad, how late at $now, and what is due next.
SELECT
    f.tenant_id,
    coalesce(f.owner_id, 'nobody') AS owner_id,
    p.name AS owner,
    p.org,
    count(*) AS open,
    count(*) FILTER (f.severity = 'critical') AS critical,
    count(*) FILTER (f.severity = 'high') AS high,
    count(*) FILTER (f.due_at < $now) AS overdue,
    min(f.due_at) AS first_due_at,
    list(DISTINCT f.rule ORDER BY f.rule) AS rules
FROM findings AS f
LEFT JOIN parties AS p ON p.party_id = f.owner_id
WHERE f.tenant_id = $tenant AND f.status = 'open' AND f.first_seen < $end
GROUP BY f.tenant_id, f.owner_id, p.name, p.org
ORDER BY overdue DESC, open DESC, owner_id
