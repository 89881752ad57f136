-- Reach as rows, and what two or more clients have in common on four levels (governance 3.4).
-- Clients are counted by group, and only clients: the MSP's own tenant and subservices are none.
-- `sanctioned` is false here: only a control matrix with signed splits says otherwise, later.

CREATE OR REPLACE TEMP TABLE staged_reach AS
SELECT r.identity_id, r.tenant_id, r.target_tenant_id, r.via, r.hops FROM trust_reach AS r
UNION ALL
-- Rights given straight in another tenant's account, without becoming anybody there.
SELECT DISTINCT g.identity_id, g.tenant_id, a.tenant_id, 'grant', 1
FROM grant_version AS g
JOIN known_account AS a
    ON a.provider = g.provider AND a.native_id = g.scope_account AND a.tenant_id <> g.tenant_id
WHERE g.valid_to IS NULL AND g.acts_as IS NULL AND g.verdict IN ('granted', 'scoped');

CREATE OR REPLACE TEMP TABLE staged_shared AS
WITH
outsiders AS (
    SELECT t.identity_id, t.tenant_id, own.client_group, own.kind AS tenant_kind, t.provider,
        t.principal, t.principal_kind, s.relation, s.vendor, listed.name AS listed_name,
        coalesce(t.principal_organization, t.principal_account) AS native_id,
        t.principal_organization IS NOT NULL AS is_organization,
        s.relation = 'msp' AND t.principal_kind = 'account' AND NOT contains(t.principal, '*')
            OR t.principal_kind = 'organization' OR i.kind = 'delegation' AS whole
    FROM trust_version AS t
    JOIN staged_trust_relation AS s ON s.trust_id = t.trust_id
    JOIN known_tenant AS own ON own.tenant_id = t.tenant_id
    LEFT JOIN identity_version AS i ON i.identity_id = t.identity_id AND i.valid_to IS NULL
    LEFT JOIN vendor_listed AS listed
        ON listed.provider = t.provider AND listed.native_id = t.principal_account
    WHERE t.valid_to IS NULL AND t.verdict NOT IN ('broken', 'dangling')
        AND s.relation IN ('other_client', 'msp', 'vendor', 'unknown')
    UNION ALL
    -- A partner's own list of its rights in customers' accounts tells the same from the other side.
    SELECT DISTINCT i.identity_id, a.tenant_id, a.client_group, a.tenant_kind, i.provider,
        i.account_id, 'organization', if(own.kind = 'msp', 'msp', 'other_client'), NULL, NULL,
        i.account_id[len(i.provider) + 2:], true, true
    FROM identity_version AS i
    JOIN known_tenant AS own ON own.tenant_id = i.tenant_id
    JOIN grant_version AS g ON g.identity_id = i.identity_id AND g.valid_to IS NULL
    JOIN known_account AS a
        ON a.provider = g.provider AND a.native_id = g.scope_account AND a.tenant_id <> g.tenant_id
    WHERE i.valid_to IS NULL AND i.kind = 'delegation'
),
outside AS (
    SELECT if(o.whole, 'partner', 'trust') AS level, o.provider || ':' || o.native_id AS key,
        list(DISTINCT o.identity_id ORDER BY o.identity_id) AS identity_ids,
        list(DISTINCT o.tenant_id ORDER BY o.tenant_id) AS tenant_ids,
        if(bool_or(o.is_organization), 'organization ', 'account ') || o.native_id
            || CASE min(o.relation)
                WHEN 'msp' THEN ' of the MSP'
                WHEN 'other_client' THEN ' of another client'
                WHEN 'vendor' THEN if(
                    min(o.listed_name) IS NULL, ', listed publicly as ', ', vendor '
                ) || coalesce(min(o.vendor), 'a subservice')
                ELSE ', unknown'
            END AS title,
        min(o.relation) AS relation
    FROM outsiders AS o
    WHERE o.native_id IS NOT NULL
    GROUP BY o.whole, o.provider, o.native_id
    HAVING count(DISTINCT o.client_group) FILTER (o.tenant_kind = 'client') >= 2
        -- one application in several clients is told as itself, below
        AND (
            bool_or(o.principal_kind <> 'application') OR count(DISTINCT o.principal) >= 2
        )
),
-- One application that several clients let in is one principal, wherever its home is; a client that
-- is its home counts as one of them.
present AS (
    SELECT t.provider, t.principal, t.identity_id, t.tenant_id, own.kind, own.client_group,
        s.relation, s.vendor
    FROM trust_version AS t
    JOIN staged_trust_relation AS s ON s.trust_id = t.trust_id
    JOIN known_tenant AS own ON own.tenant_id = t.tenant_id
    WHERE t.valid_to IS NULL AND t.principal_kind = 'application'
        AND t.verdict NOT IN ('broken', 'dangling')
        AND s.relation IN ('other_client', 'msp', 'vendor', 'unknown')
    UNION
    SELECT t.provider, t.principal, s.principal_identity_id, home.tenant_id, home.kind,
        home.client_group, s.relation, s.vendor
    FROM trust_version AS t
    JOIN staged_trust_relation AS s ON s.trust_id = t.trust_id
    JOIN known_tenant AS home ON home.tenant_id = s.principal_tenant_id
    WHERE t.valid_to IS NULL AND t.principal_kind = 'application'
        AND s.relation IN ('other_client', 'msp', 'vendor')
        AND s.principal_identity_id IS NOT NULL
),
applications AS (
    SELECT p.principal AS key, list(DISTINCT p.identity_id ORDER BY p.identity_id) AS identity_ids,
        list(DISTINCT p.tenant_id ORDER BY p.tenant_id) FILTER (p.kind = 'client') AS tenant_ids,
        min(p.relation) AS relation, min(p.vendor) AS vendor,
        min_by(i.name, p.tenant_id) AS name
    FROM present AS p
    LEFT JOIN identity_version AS i ON i.identity_id = p.identity_id AND i.valid_to IS NULL
    GROUP BY p.provider, p.principal
    HAVING count(DISTINCT p.client_group) FILTER (p.kind = 'client') >= 2
),
-- Where an identity takes effect: what it reaches, and its own tenant. What it reaches only with a
-- credential that others hold too is told as that credential.
effective AS (
    SELECT r.identity_id, r.target_tenant_id AS tenant_id FROM staged_reach AS r
    WHERE r.via <> 'credential'
    UNION
    SELECT r.identity_id, r.tenant_id FROM staged_reach AS r WHERE r.via <> 'credential'
),
principals AS (
    SELECT e.identity_id, list(e.tenant_id ORDER BY e.tenant_id) AS tenant_ids
    FROM effective AS e
    JOIN known_tenant AS t ON t.tenant_id = e.tenant_id AND t.kind = 'client'
    GROUP BY e.identity_id
    HAVING count(DISTINCT t.client_group) >= 2
),
material AS (
    -- An installed OpenID Connect provider is a public issuer, no material: its subjects are.
    SELECT c.fingerprint,
        coalesce(
            list(DISTINCT c.identity_id ORDER BY c.identity_id) FILTER (c.identity_id IS NOT NULL),
            []
        ) AS identity_ids,
        list(DISTINCT c.tenant_id ORDER BY c.tenant_id) AS tenant_ids,
        list(DISTINCT c.kind ORDER BY c.kind) AS kinds
    FROM credential_version AS c
    JOIN known_tenant AS t ON t.tenant_id = c.tenant_id
    WHERE c.valid_to IS NULL AND c.fingerprint IS NOT NULL AND c.kind <> 'oidc_provider'
        -- what the platform makes and renews by itself is nobody's copy
        AND coalesce(c.attributes ->> 'managed', 'false') <> 'true'
        AND c.status IN ('active', 'unknown')
    GROUP BY c.fingerprint
    HAVING count(DISTINCT t.client_group) FILTER (t.kind = 'client') >= 2
)
SELECT 'principal' AS level, p.identity_id AS key, [p.identity_id] AS identity_ids, p.tenant_ids,
    false AS sanctioned, []::VARCHAR[] AS signed_ids,
    i.kind || ' ' || left(i.name, 80) || ' can act in ' || len(p.tenant_ids) || ' tenants of clients'
        AS title,
    if(t.kind = 'msp', 'msp', 'other_client') AS relation
FROM principals AS p
JOIN identity_version AS i ON i.identity_id = p.identity_id AND i.valid_to IS NULL
JOIN known_tenant AS t ON t.tenant_id = i.tenant_id
-- People and what the platform itself runs are no machine identities.
WHERE i.class NOT IN ('human', 'platform')
    -- a registration is told as the application that it is, a delegation as its partner
    AND i.kind NOT IN ('app', 'delegation')
    -- a principal that other accounts list too, as their guest, is told where its home is
    AND NOT EXISTS (
        FROM known_principal AS h
        WHERE h.account_id = i.provider || ':' || i.home_account AND h.native_id = i.native_id
            AND h.identity_id <> i.identity_id
    )
UNION ALL
SELECT 'principal', a.key, a.identity_ids, a.tenant_ids, false, [],
    'application ' || left(coalesce(a.name, a.key), 80) || CASE a.relation
            WHEN 'msp' THEN ' of the MSP'
            WHEN 'other_client' THEN ' of a client'
            WHEN 'vendor' THEN ' of vendor ' || coalesce(a.vendor, '')
            ELSE ', whose owner is unknown,'
        END || ' can act in ' || len(a.tenant_ids) || ' tenants of clients',
    a.relation
FROM applications AS a
UNION ALL
SELECT 'credential', m.fingerprint, m.identity_ids, m.tenant_ids, false, [],
    'the same ' || replace(array_to_string(m.kinds, ', '), '_', ' ') || ' in '
        || len(m.tenant_ids) || ' tenants', NULL
FROM material AS m
UNION ALL
SELECT o.level, o.key, o.identity_ids, o.tenant_ids, false, [], o.title, o.relation FROM outside AS o;
