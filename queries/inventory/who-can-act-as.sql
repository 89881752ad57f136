-- title: Who can act as an identity
-- why: At two in the morning: who else holds this role, and from which client.
-- param: identity text null only this identity, by its id, native id or name
-- param: tenant text null only identities of this client
-- unknown: verdict is unknown where the read that shows the trust was not whole or the trust could
--   not be understood. One step only; `nhiscan path` follows several.
SELECT
    if(len(w.unread) = 0 AND w.verdict <> 'unknown', 'known', 'unknown') AS verdict,
    w.tenant_id,
    w.account_id,
    w.identity_id,
    w.name,
    w.native_id,
    w.principal,
    w.principal_kind,
    p.name AS principal_name,
    w.principal_tenant_id,
    w.relation,
    w.vendor,
    w.guard,
    w.verdict AS protection,
    w.reason,
    i.privilege,
    w.unread
FROM ways_in AS w
JOIN identities AS i ON i.identity_id = w.identity_id
LEFT JOIN identities AS p ON p.identity_id = w.principal_identity_id
WHERE ($identity IS NULL OR $identity IN (w.identity_id, w.native_id, w.name))
    AND ($tenant IS NULL OR w.tenant_id = $tenant)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS name, unread
FROM blind_spots
WHERE topic = 'trusts' AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, account_id, name, identity_id, principal
