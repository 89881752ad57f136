-- Every identity, for an inventory (governance 5.1).
-- Parameter $tenant: the tenant to export, null for all.
WITH keys AS (
    SELECT
        identity_id,
        list(
            {
                'uid': credential_id,
                'type': kind,
                'last_used_time': last_used_at,
                'status': status,
                'created_at': created_at,
                'expires_at': expires_at,
                'usage': usage
            }
            ORDER BY credential_id
        ) AS held
    FROM credentials
    WHERE identity_id IS NOT NULL
    GROUP BY identity_id
)

SELECT
    identities.identity_id,
    identities.tenant_id,
    identities.native_id AS identity,
    identities.immutable_id,
    identities.name,
    identities.kind,
    identities.class,
    identities.native_type,
    identities.region,
    identities.enabled,
    identities.created_at,
    identities.created_by,
    identities.last_used_at,
    identities.usage,
    identities.privilege,
    identities.first_seen,
    identities.last_seen,
    identities.owner_id,
    identities.owner_status,
    identities.owner_confidence,
    identities.backup_id,
    identities.reach_tenants,
    identities.unread,
    identities.owner_unread,
    coalesce(accounts.provider, identities.provider) AS provider,
    accounts.native_id AS account,
    accounts.name AS account_name,
    accounts.organization,
    keys.held AS keys
FROM identities
LEFT JOIN accounts ON accounts.account_id = identities.account_id
    AND accounts.tenant_id = identities.tenant_id
LEFT JOIN keys ON keys.identity_id = identities.identity_id
WHERE CAST($tenant AS VARCHAR) IS NULL OR identities.tenant_id = CAST($tenant AS VARCHAR)
ORDER BY identities.identity_id
