-- title: Live keys not used for long
-- why: What used it has moved on; the key has not.
-- unknown: The read that shows the key and its last use was not whole.
-- remediation: Switch the key off, wait for a full business cycle, and delete it.
SELECT
    if(len(unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    holder,
    kind,
    public_id,
    created_at,
    last_used_at,
    date_diff('day', last_used_at, $now) AS days_idle,
    privilege,
    usage_note,
    unread
FROM installed_credentials
WHERE kind NOT IN (
        'password', 'federated_trust', 'oidc_provider', 'saml_provider', 'secret', 'delegation'
    )
    AND status IN ('active', 'unknown')
    AND usage = 'known'
    AND last_used_at < $now - to_days($dormant_days)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS usage_note, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
