-- Findings of one client that stood open within a period, or stand open after it.
-- Parameters $tenant, $start and $end (exclusive).
SELECT
    findings.finding_id,
    findings.rule,
    findings.severity,
    findings.status,
    findings.title,
    findings.remediation,
    findings.identity_id,
    findings.instance_id,
    findings.owner_id,
    findings.backup_id,
    findings.first_seen,
    findings.last_seen,
    findings.due_at,
    findings.unread,
    findings.evidence ->> '$.exception' AS exception
FROM findings
WHERE findings.tenant_id = $tenant
    AND findings.first_seen < CAST($end AS TIMESTAMPTZ)
    AND (findings.status <> 'resolved' OR findings.last_seen >= CAST($start AS TIMESTAMPTZ))
ORDER BY findings.finding_id
