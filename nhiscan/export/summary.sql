-- Findings as of the newest scan, for a message about it. Parameter $tenant: null for all.
WITH newest AS (
    SELECT started_at FROM scans ORDER BY started_at DESC, scan_id LIMIT 1
),

came_back AS (
    SELECT DISTINCT finding_events.finding_id
    FROM finding_events, newest
    WHERE finding_events.event = 'reopened' AND finding_events.occurred_at >= newest.started_at
)

SELECT
    findings.finding_id,
    findings.tenant_id AS client,
    findings.rule,
    findings.severity,
    findings.status,
    findings.title,
    findings.owner_id AS owner,
    findings.due_at,
    findings.opened_at >= newest.started_at AND findings.status IN ('open', 'unknown') AS is_new,
    came_back.finding_id IS NOT NULL AS is_back,
    findings.status = 'resolved' AND findings.resolved_at >= newest.started_at AS is_resolved
FROM findings
LEFT JOIN newest ON true
LEFT JOIN came_back ON came_back.finding_id = findings.finding_id
WHERE (CAST($tenant AS VARCHAR) IS NULL OR findings.tenant_id = CAST($tenant AS VARCHAR))
    AND (
        findings.status <> 'resolved'
        OR coalesce(findings.resolved_at >= newest.started_at, false)
    )
ORDER BY array_position(['critical', 'high', 'medium', 'low', 'info'], findings.severity),
    findings.due_at, findings.finding_id
