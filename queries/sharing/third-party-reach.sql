-- title: Which third parties reach into each client, and under which contract
-- why: A client asks who besides the MSP can get in; the answer needs a name and a contract for
--   each.
-- param: tenant text null only this client
-- unknown: verdict is fail for whoever is not on record, has left, has no contract or is another
--   client; to check for identity providers, whose conditions decide who comes in; unknown where
--   the read that shows the trust was not whole or the trust could not be understood. A row
--   without principal stands for such a read. The MSP itself is no third party here; a subservice
--   is on record by the configuration. Software that a third party holds a password of is not seen.
WITH outsiders AS (
    SELECT
        w.*,
        p.party_id AS vendor_id,
        p.employment AS vendor_employment,
        p.agreement,
        coalesce(p.name, s.name, w.vendor) AS vendor_name,
        p.party_id IS NOT NULL OR s.tenant_id IS NOT NULL AS on_record,
        CASE
            WHEN w.relation = 'public' THEN 'open to anybody'
            WHEN w.principal_kind = 'application' THEN 'multi-tenant application'
            WHEN w.principal_kind = 'organization' OR w.identity_kind = 'delegation'
                THEN 'partner relation'
            WHEN w.principal_kind = 'oidc' THEN 'identity provider'
            WHEN w.principal_kind IN ('account', 'role', 'user', 'identity')
                AND w.native_id LIKE 'arn:%'
                THEN 'external role trust'
            ELSE 'foreign principal'
        END AS way_in
    FROM ways_in AS w
    LEFT JOIN parties AS p
        ON p.kind = 'vendor' AND (p.name = w.vendor OR p.party_id = w.vendor)
    LEFT JOIN tenants AS s ON s.kind = 'subservice' AND s.tenant_id = w.vendor
    WHERE w.relation IN ('vendor', 'other_client', 'public', 'unknown')
        -- people of the client's own directory are human-use's
        AND w.principal_kind NOT IN ('saml', 'service', 'end_users', 'deleted', 'group')
        AND ($tenant IS NULL OR w.tenant_id = $tenant)
)
SELECT
    CASE
        WHEN len(o.unread) > 0 OR o.verdict = 'unknown' THEN 'unknown'
        WHEN o.relation IN ('public', 'other_client') THEN 'fail'
        WHEN o.principal_kind = 'oidc' AND NOT o.on_record THEN 'to check'
        WHEN NOT o.on_record THEN 'fail'
        WHEN o.vendor_employment = 'left' THEN 'fail'
        WHEN o.vendor_id IS NOT NULL AND o.agreement IS NULL THEN 'fail'
        ELSE 'pass'
    END AS verdict,
    o.tenant_id,
    o.way_in,
    o.vendor_name AS vendor,
    CASE
        WHEN o.relation = 'public' THEN 'anybody can come in'
        WHEN o.relation = 'other_client' THEN 'another client'
        WHEN o.vendor_employment = 'left' THEN 'a vendor that has left'
        WHEN o.on_record AND o.vendor_id IS NOT NULL AND o.agreement IS NULL
            THEN 'a vendor without a contract on record'
        WHEN o.on_record THEN 'on record'
        WHEN o.principal_kind = 'oidc' THEN 'its conditions decide who comes in'
        WHEN o.vendor IS NOT NULL THEN 'listed publicly, no vendor record of ours'
        ELSE 'nobody knows who it is'
    END AS record,
    o.agreement,
    o.principal,
    o.principal_kind,
    o.relation,
    o.identity_id,
    o.name AS identity,
    o.native_id,
    o.identity_kind,
    i.privilege,
    o.guard,
    o.verdict AS protection,
    i.last_used_at,
    a.name AS owner,
    o.account_id,
    o.unread
FROM outsiders AS o
JOIN identities AS i ON i.identity_id = o.identity_id
LEFT JOIN parties AS a ON a.party_id = i.owner_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS identity, unread
FROM blind_spots
WHERE topic = 'trusts' AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, verdict, way_in, vendor, principal, account_id, identity, identity_id
