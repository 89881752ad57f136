-- title: Findings that came back
-- why: What was resolved and returns was mended at one place only, or not at its cause.
-- param: tenant text null only this client
-- param: since time null only what came back from then on
-- unknown: What came and went between two scans was never seen.
SELECT
    f.severity,
    f.rule,
    f.status,
    f.tenant_id,
    f.title,
    f.owner_id,
    count(*) AS times,
    max(e.occurred_at) AS came_back_at,
    f.first_seen,
    f.due_at,
    f.finding_id
FROM finding_events AS e
JOIN findings AS f ON f.finding_id = e.finding_id
WHERE e.event = 'reopened'
    AND ($tenant IS NULL OR f.tenant_id = $tenant)
    AND ($since IS NULL OR e.occurred_at >= $since)
GROUP BY ALL
ORDER BY times DESC, came_back_at DESC, f.finding_id
