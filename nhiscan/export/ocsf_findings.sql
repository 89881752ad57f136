-- Every finding with what OCSF says of its subject (governance 5.1).
-- Parameter $tenant: the tenant to export, null for all.
WITH pieces AS (
    SELECT
        instance_id,
        count(*) AS n,
        list(
            {
                'uid': evidence_id,
                'name': kind,
                'sha256': sha256,
                'uri': coalesce(uri, path),
                'custodian': coalesce(custodian_id, custodian_org),
                'period_start': period_start,
                'period_end': period_end
            }
            ORDER BY collected_at DESC, evidence_id
        )[:20] AS newest
    FROM evidence
    WHERE instance_id IS NOT NULL
    GROUP BY instance_id
),

keys AS (
    SELECT
        identity_id,
        list(
            {'uid': credential_id, 'type': kind, 'last_used_time': last_used_at}
            ORDER BY credential_id
        ) AS held
    FROM credentials
    WHERE identity_id IS NOT NULL
    GROUP BY identity_id
),

changes AS (
    SELECT finding_id, max(valid_from) AS changed_at
    FROM findings_history
    GROUP BY finding_id
)

SELECT
    findings.finding_id,
    findings.rule,
    findings.severity,
    findings.tenant_id,
    findings.identity_id,
    findings.instance_id,
    findings.credential_id,
    findings.title,
    findings.first_seen,
    findings.last_seen,
    changes.changed_at,
    findings.due_at,
    findings.status,
    findings.remediation,
    CAST(findings.frameworks AS VARCHAR) AS frameworks,
    CAST(findings.evidence AS VARCHAR) AS evidence,
    findings.unread,
    identities.native_id AS identity,
    identities.immutable_id,
    identities.name,
    identities.kind,
    identities.class,
    identities.native_type,
    identities.region,
    identities.privilege,
    identities.created_at,
    identities.first_seen AS identity_first_seen,
    identities.last_used_at,
    identities.owner_status,
    identities.owner_confidence,
    coalesce(accounts.provider, identities.provider) AS provider,
    accounts.native_id AS account,
    accounts.name AS account_name,
    accounts.organization,
    findings.owner_id,
    owner.name AS owner_name,
    owner.email AS owner_email,
    owner.kind AS owner_kind,
    findings.backup_id,
    keys.held AS keys,
    pieces.n AS pieces_count,
    pieces.newest AS pieces
FROM findings
LEFT JOIN changes ON changes.finding_id = findings.finding_id
LEFT JOIN identities ON identities.identity_id = findings.identity_id
LEFT JOIN accounts ON accounts.account_id = coalesce(findings.account_id, identities.account_id)
    AND accounts.tenant_id = findings.tenant_id
LEFT JOIN parties AS owner ON owner.party_id = findings.owner_id
LEFT JOIN keys ON keys.identity_id = findings.identity_id
LEFT JOIN pieces ON pieces.instance_id = findings.instance_id
WHERE CAST($tenant AS VARCHAR) IS NULL OR findings.tenant_id = CAST($tenant AS VARCHAR)
ORDER BY findings.finding_id
