-- Findings that somebody must act on, with who owns them and why (governance 4.1, 4.2).
-- Parameters, each null for all: $tenants, $owners (`unassigned` for nobody), $rules, $statuses;
-- $severities from the least on; $is_new only those of the newest scan or after it; $by what makes
-- a folder: owner, client or organization.
WITH claims AS (
    SELECT
        identity_id,
        party_id,
        list(
            signal || ': ' || evidence
            ORDER BY weight DESC, signal, evidence
        )[:3] AS why
    FROM ownership_claims
    WHERE role = 'accountable' OR role = 'operator'
    GROUP BY ALL
),

-- Clients other than its own that an identity is shared with, as far as their accounts were read.
sharing AS (
    SELECT each.identity_id, count(DISTINCT coalesce(others.client_group, others.tenant_id)) AS n
    FROM (SELECT unnest(identity_ids) AS identity_id, tenant_ids FROM shared) AS each
    JOIN identities ON identities.identity_id = each.identity_id
    JOIN tenants AS own ON own.tenant_id = identities.tenant_id
    JOIN tenants AS others ON list_contains(each.tenant_ids, others.tenant_id)
    WHERE others.kind <> 'msp' AND others.client_group IS DISTINCT FROM own.client_group
    GROUP BY ALL
),

ticketed AS (
    SELECT finding_id, arg_max(ticket_ref, {'at': recorded_at, 'ref': ticket_ref}) AS ticket_ref
    FROM tickets
    GROUP BY finding_id
)

SELECT
    CASE $by
        WHEN 'client' THEN findings.tenant_id
        WHEN 'organization' THEN owner.org
        ELSE findings.owner_id
    END AS folder,
    findings.finding_id AS finding_fp,
    findings.tenant_id AS client,
    findings.instance_id,
    CAST(findings.frameworks AS VARCHAR) AS criteria,
    findings.rule,
    findings.severity,
    findings.title,
    coalesce(identities.native_id, identities.name) AS identity,
    coalesce(accounts.provider, identities.provider) AS provider,
    coalesce(accounts.native_id, findings.account_id) AS account,
    findings.owner_id AS owner,
    owner.email AS owner_email,
    identities.owner_confidence,
    backup.email AS backup_email,
    coalesce(owner.org, if(findings.owner_id IS NULL, NULL, 'unknown')) AS remediation_org,
    findings.remediation AS recommended_action,
    CAST(findings.evidence AS VARCHAR) AS evidence_refs,
    findings.first_seen,
    findings.last_seen,
    findings.due_at,
    date_diff('day', findings.opened_at, findings.due_at) AS sla_days,
    findings.status,
    findings.evidence ->> 'exception' AS exception_id,
    ticketed.ticket_ref,
    control_instances.file || ':' || control_instances.line AS matrix_file_line,
    identities.owner_status,
    findings.identity_id,
    findings.credential_id,
    findings.unread,
    CASE WHEN findings.rule LIKE 'SHR-%' THEN coalesce(sharing.n, 0) END AS other_clients,
    findings.opened_at,
    findings.backup_id,
    coalesce(
        claims.why,
        CASE
            WHEN control_instances.accountable_id = findings.owner_id
                THEN ['accountable in the matrix for ' || control_instances.instance_id]
        END
    ) AS why_owner
FROM findings
LEFT JOIN identities ON identities.identity_id = findings.identity_id
LEFT JOIN accounts ON accounts.account_id = coalesce(findings.account_id, identities.account_id)
    AND accounts.tenant_id = findings.tenant_id
LEFT JOIN parties AS owner ON owner.party_id = findings.owner_id
LEFT JOIN parties AS backup ON backup.party_id = findings.backup_id
LEFT JOIN control_instances ON control_instances.instance_id = findings.instance_id
LEFT JOIN sharing ON sharing.identity_id = findings.identity_id
LEFT JOIN ticketed ON ticketed.finding_id = findings.finding_id
LEFT JOIN claims ON claims.identity_id = findings.identity_id
    AND claims.party_id = findings.owner_id
WHERE list_contains(CAST($statuses AS VARCHAR[]), findings.status)
    AND list_contains(CAST($severities AS VARCHAR[]), findings.severity)
    AND (
        CAST($tenants AS VARCHAR[]) IS NULL
        OR list_contains(CAST($tenants AS VARCHAR[]), findings.tenant_id)
    )
    AND (
        CAST($owners AS VARCHAR[]) IS NULL
        OR list_contains(CAST($owners AS VARCHAR[]), coalesce(findings.owner_id, 'unassigned'))
    )
    AND (
        CAST($rules AS VARCHAR[]) IS NULL
        OR list_contains(CAST($rules AS VARCHAR[]), findings.rule)
    )
    AND (
        NOT CAST($is_new AS BOOLEAN)
        OR findings.opened_at >= (SELECT max(started_at) FROM scans)
    )
ORDER BY folder, client, due_at, finding_fp
