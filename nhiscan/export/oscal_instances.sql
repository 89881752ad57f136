-- Control instances of one client in force within a period, with what their operators' accounts did
-- not let be read.
-- Parameters $tenant, $start and $end (exclusive).
WITH operating AS (
    SELECT control_links.instance_id, unnest(identities.unread) AS source
    FROM control_links
    JOIN identities ON identities.identity_id = control_links.identity_id
),

blind AS (
    SELECT instance_id, list(DISTINCT source ORDER BY source) AS unread
    FROM operating
    GROUP BY instance_id
),

custodians AS (
    SELECT instance_id, list(DISTINCT custodian_id ORDER BY custodian_id) AS custodian_ids
    FROM custody
    WHERE custodian_id IS NOT NULL
    GROUP BY instance_id
)

SELECT
    instances.instance_id,
    instances.criteria,
    instances.statement,
    instances.responsibility,
    instances.accountable_id,
    instances.backup_id,
    instances.approver_id,
    custodians.custodian_ids,
    blind.unread,
    signoffs.signer_id,
    signoffs.signed_at,
    signoffs.covers_sha256,
    signoffs.covers_sha256 = instances.text_sha256 AS is_current
FROM control_instances AS instances
LEFT JOIN custodians ON custodians.instance_id = instances.instance_id
LEFT JOIN blind ON blind.instance_id = instances.instance_id
LEFT JOIN signoffs ON signoffs.instance_id = instances.instance_id
WHERE instances.tenant_id = $tenant
    AND instances.responsibility <> 'n/a'
    AND instances.period_start < CAST($end AS DATE)
    AND (instances.period_end IS NULL OR instances.period_end > CAST($start AS DATE))
ORDER BY instances.instance_id, signoffs.signed_at, signoffs.signer_id
