-- title: Identities shared across clients without a signed agreement
-- why: What acts in several clients turns one leak into many, and no client's evidence is its own.
-- rule: SHR-04
-- severity: high
-- frameworks: soc2: CC6.1, CC6.3, CC9.2; csf: PR.AA-05, GV.SC-07; owasp_nhi: NHI9:2025, NHI3:2025;
--   nist_800_53: AC-2(9), AC-20; iso_27001: 5.15, 5.19; cis: 15.6
-- unknown: A read that shows who may act as whom was not whole in the account of the identity.
-- remediation: Give every client an identity of its own; what must be shared needs a
--   split of duties that each client has signed.
WITH sharing AS (
    -- A vendor that several clients hired is a third party and no sharing: vendor-without-record.
    SELECT
        unnest(list_filter(identity_ids, lambda i: NOT list_contains(signed_ids, i))) AS identity_id,
        level,
        key,
        relation,
        len(tenant_ids) AS tenants
    FROM shared
    WHERE level IN ('principal', 'trust', 'partner')
        AND NOT coalesce(sanctioned, false)
        AND relation IS DISTINCT FROM 'vendor'
        AND relation IS DISTINCT FROM 'platform'
    UNION ALL
    -- One client's principal in another client's trust is sharing between these two.
    SELECT identity_id, 'trust' AS level, principal AS key, relation, 2 AS tenants
    FROM ways_in
    WHERE relation = 'other_client'
),
hung AS (
    SELECT
        identity_id,
        list(DISTINCT level ORDER BY level) AS levels,
        list(DISTINCT key ORDER BY key) AS shared_keys,
        list(DISTINCT relation ORDER BY relation) AS relations,
        max(tenants) AS tenants
    FROM sharing
    GROUP BY identity_id
)
SELECT
    if(len(u.unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || CASE
        WHEN list_contains(h.levels, 'principal') THEN ' can act in several clients'
        WHEN list_contains(h.relations, 'other_client') THEN ' can be used from another client'
        WHEN i.kind = 'delegation' AND t.kind = 'msp'
            THEN ' is one of the rights that the MSP holds in several clients'
        WHEN list_contains(h.relations, 'msp') THEN ' is open to the MSP, as other clients are'
        ELSE ' is open to an outsider that other clients trust too'
    END AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    h.levels,
    h.relations,
    h.shared_keys,
    h.tenants AS tenants_concerned,
    'one principal per client, or a split that each client has signed' AS would_change,
    [i.source || ' (' || i.region || ')'] AS rests_on,
    u.unread
FROM hung AS h
JOIN identities AS i ON i.identity_id = h.identity_id
LEFT JOIN tenants AS t ON t.tenant_id = i.tenant_id
LEFT JOIN read_spots AS o
    ON o.tenant_id = i.tenant_id
    AND o.account_id = i.account_id
    AND o.source = i.source
    AND o.region = i.region
CROSS JOIN LATERAL (
    SELECT coalesce(o.unread, [i.source || ': not asked at the last scan']) AS unread
) AS u
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
