-- title: Live keys that were never used
-- why: A key that was made and never needed can be deleted today without breaking anything.
-- unknown: The read that shows the key or its use was not whole. Never is said only where the
--   record of use covers the key's whole life.
-- remediation: Delete the key.
SELECT
    if(len(unread) = 0 AND created_at IS NOT NULL, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    holder,
    kind,
    public_id,
    created_at,
    privilege,
    usage_note,
    unread
FROM installed_credentials
WHERE kind NOT IN (
        'password', 'federated_trust', 'oidc_provider', 'saml_provider', 'secret', 'delegation'
    )
    AND status IN ('active', 'unknown')
    AND usage = 'never'
    AND coalesce(created_at < $now - to_days($never_used_days), true)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS usage_note, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
