-- title: Credentials that expire soon
-- why: What nobody renews stops at night: the control that it operates stops with it.
-- param: tenant text null only this client
-- param: kind text null only credentials of this kind, such as client_secret
-- unknown: The read that shows the credential was not whole.
-- remediation: Renew it before its date, or let it go on purpose.
SELECT
    if(len(c.unread) = 0, 'open', 'unknown') AS verdict,
    c.tenant_id,
    c.account_id,
    c.identity_id,
    c.credential_id,
    c.holder,
    i.owner_id,
    c.kind,
    c.public_id,
    c.expires_at,
    date_diff('day', $now, c.expires_at) AS days_left,
    c.last_used_at,
    c.unread
FROM installed_credentials AS c
LEFT JOIN identities AS i ON i.identity_id = c.identity_id
WHERE c.status IN ('active', 'unknown')
    AND c.expires_at > $now
    AND c.expires_at <= $now + to_days($expiring_days)
    AND ($tenant IS NULL OR c.tenant_id = $tenant)
    AND ($kind IS NULL OR c.kind = $kind)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS holder, unread
FROM blind_spots
WHERE topic = 'credentials'
    AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, expires_at, account_id, holder, credential_id
