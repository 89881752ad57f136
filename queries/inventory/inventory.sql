-- title: Every identity that is not a person
-- why: The population: what all other answers are about.
-- param: tenant text null only this client
-- param: account text null only this account, such as aws:111122223333
-- unknown: A row without identity stands for a read that lists identities and was not whole.
SELECT
    if(i.class = 'ambiguous', 'unknown', 'known') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.enabled,
    i.privilege,
    i.owner_id,
    i.owner_status,
    i.created_at,
    i.last_used_at,
    i.usage,
    i.reach_tenants,
    i.first_seen,
    i.last_seen,
    i.unread
FROM identities AS i
WHERE i.class <> 'human'
    AND ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($account IS NULL OR i.account_id = $account)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS name, unread
FROM blind_spots
WHERE topic = 'identities'
    AND ($tenant IS NULL OR tenant_id = $tenant)
    AND ($account IS NULL OR account_id = $account)
ORDER BY tenant_id, account_id, name, identity_id
