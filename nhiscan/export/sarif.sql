-- Findings that a line of a file answers for: of the control matrix and of exceptions.yaml.
-- Parameter $tenant: the tenant to export, null for all.
SELECT
    findings.finding_id,
    findings.rule,
    findings.severity,
    findings.tenant_id,
    findings.status,
    findings.title,
    findings.instance_id,
    findings.identity_id,
    findings.owner_id,
    findings.first_seen,
    findings.due_at,
    findings.unread,
    CAST(findings.frameworks AS VARCHAR) AS frameworks,
    findings.evidence ->> '$.facts.file' AS file,
    CAST(findings.evidence ->> '$.facts.line' AS BIGINT) AS line,
    findings.evidence ->> '$.would_change' AS would_change,
    findings.evidence ->> '$.exception.reason' AS accepted_because
FROM findings
WHERE findings.status <> 'resolved'
    AND findings.evidence ->> '$.facts.file' IS NOT NULL
    AND findings.evidence ->> '$.facts.line' IS NOT NULL
    AND (CAST($tenant AS VARCHAR) IS NULL OR findings.tenant_id = CAST($tenant AS VARCHAR))
ORDER BY file, line, findings.rule, findings.finding_id
