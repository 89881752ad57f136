-- Who is each principal to the client that trusts it? Judged against every account of every tenant.

-- A tenant that is configured no longer still has rows; it is taken for a client of its own.
CREATE OR REPLACE TEMP TABLE known_tenant AS
SELECT t.tenant_id, t.kind, coalesce(t.client_group, t.tenant_id) AS client_group
FROM tenant_version AS t
WHERE t.valid_to IS NULL
UNION ALL
SELECT DISTINCT i.tenant_id, 'client', i.tenant_id
FROM identity_version AS i
WHERE i.valid_to IS NULL
    AND i.tenant_id NOT IN (SELECT t.tenant_id FROM tenant_version AS t WHERE t.valid_to IS NULL);

-- Spool files that a client made alone bring an account without its plan; the unit tells of it.
-- The account that belongs to no client is known, but not as anybody's. Several units may list one
-- account (a plan and the unit itself; a partner who sees a customer's): the row counts that the view
-- `accounts` shows.
CREATE OR REPLACE TEMP TABLE known_account AS
WITH listed AS (
    SELECT a.account_id, a.provider, a.native_id, a.organization,
        CASE WHEN a.state <> 'unmapped' THEN a.tenant_id END AS tenant_id
    FROM accounts AS a
),
visited AS (
    SELECT u.account_id, u.provider, u.account_id[len(u.provider) + 2:] AS native_id,
        NULL AS organization, arg_max(u.tenant_id, u.merged_at) AS tenant_id
    FROM unit_read AS u
    WHERE u.part = 'collect' AND u.account_id NOT IN (SELECT l.account_id FROM listed AS l)
    GROUP BY u.account_id, u.provider
)
SELECT a.*, t.kind AS tenant_kind, t.client_group
FROM (FROM listed UNION ALL FROM visited) AS a
LEFT JOIN known_tenant AS t ON t.tenant_id = a.tenant_id;

-- The clients in each organization: one that holds several is shared ground.
CREATE OR REPLACE TEMP TABLE known_organization AS
SELECT a.provider, a.organization, list(DISTINCT a.client_group) AS groups,
    list(DISTINCT a.tenant_id) AS tenants, bool_and(a.tenant_kind = 'msp') AS only_msp
FROM known_account AS a
WHERE a.organization IS NOT NULL AND a.tenant_id IS NOT NULL
GROUP BY a.provider, a.organization;

-- One identity per account and native id: what a spool file of another account says of itself must
-- not pass for it. Where two tenants read the same account, its owner's row counts.
CREATE OR REPLACE TEMP TABLE known_principal AS
SELECT i.native_id, i.immutable_id, i.identity_id, i.account_id, i.kind, i.name
FROM identity_version AS i
LEFT JOIN known_account AS a ON a.account_id = i.account_id
WHERE i.valid_to IS NULL
QUALIFY row_number() OVER (
    PARTITION BY i.account_id, i.native_id
    ORDER BY (a.tenant_id = i.tenant_id) DESC NULLS LAST, i.identity_id
) = 1;

-- A principal may be named by the id that survives renames instead (an application's client id).
CREATE OR REPLACE TEMP TABLE known_name AS
SELECT p.account_id, p.native_id AS name, p.identity_id FROM known_principal AS p
UNION ALL
SELECT p.account_id, p.immutable_id, min(p.identity_id)
FROM known_principal AS p
WHERE p.immutable_id IS NOT NULL AND p.immutable_id <> p.native_id
GROUP BY p.account_id, p.immutable_id
HAVING count(*) = 1;

-- Policies of some platforms name an account by its number, which is the last part of its path.
CREATE OR REPLACE TEMP TABLE known_number AS
SELECT a.provider, split_part(a.path, '/', -1) AS number, min(a.native_id) AS native_id
FROM account_version AS a
WHERE a.valid_to IS NULL AND split_part(a.path, '/', -1) NOT IN ('', a.native_id)
GROUP BY a.provider, number
HAVING count(DISTINCT a.native_id) = 1;

CREATE OR REPLACE TEMP TABLE staged_trust_relation AS
WITH written AS (
    SELECT t.* REPLACE (coalesce(m.native_id, t.principal_account) AS principal_account)
    FROM trust_version AS t
    LEFT JOIN known_number AS m
        ON m.provider = t.provider AND m.number = t.principal_account
    WHERE t.valid_to IS NULL
),
named AS (
    SELECT t.*, p.identity_id AS principal_identity_id
    FROM written AS t
    LEFT JOIN known_name AS p
        ON p.account_id = t.provider || ':' || t.principal_account
        AND p.name = t.principal_native_id
),
-- A session names its role without the role's path; the last part is unique within the account.
sessions AS (
    SELECT n.trust_id, any_value(p.identity_id) AS identity_id
    FROM named AS n
    JOIN known_principal AS p
        ON p.account_id = n.provider || ':' || n.principal_account
        AND p.kind = n.principal_kind
        AND p.name = split_part(n.principal_native_id, '/', -1)
    WHERE n.principal_identity_id IS NULL AND n.principal <> n.principal_native_id
    GROUP BY n.trust_id
    HAVING count(*) = 1
),
placed AS (
    SELECT n.trust_id, n.tenant_id, n.account_id, n.provider, n.principal_kind,
        n.relation AS said, own.client_group AS own_group,
        coalesce(n.principal_identity_id, s.identity_id) AS principal_identity_id,
        n.principal_account IS NOT NULL AND n.provider || ':' || n.principal_account = n.account_id
            AS at_home,
        a.account_id AS principal_account_id, a.tenant_id AS principal_tenant_id, a.tenant_kind,
        a.client_group, coalesce(itself.name, listed.name) AS listed_name,
        coalesce(known.name, public.name) AS public_name, o.groups, o.tenants, o.only_msp
    FROM named AS n
    JOIN known_tenant AS own ON own.tenant_id = n.tenant_id
    LEFT JOIN sessions AS s ON s.trust_id = n.trust_id
    LEFT JOIN known_account AS a
        ON a.provider = n.provider AND a.native_id = n.principal_account
    LEFT JOIN vendor_listed AS listed
        ON listed.provider = n.provider
        AND listed.native_id = coalesce(n.principal_account, n.principal_organization)
    LEFT JOIN vendor_listed AS itself
        ON n.principal_kind = 'application' AND itself.provider = n.provider
        AND itself.native_id = n.principal
    LEFT JOIN vendor_public AS public
        ON public.provider = n.provider
        AND public.native_id = coalesce(n.principal_account, n.principal_organization)
    LEFT JOIN vendor_public AS known
        ON n.principal_kind = 'application' AND known.provider = n.provider
        AND known.native_id = n.principal
    LEFT JOIN known_organization AS o
        ON n.principal_kind = 'organization' AND o.provider = n.provider
        AND o.organization = n.principal_organization
)
SELECT p.trust_id, p.tenant_id,
    CASE
        WHEN p.principal_tenant_id IS NOT NULL THEN p.principal_tenant_id
        WHEN len(p.tenants) = 1 THEN p.tenants[1]
    END AS principal_tenant_id,
    p.principal_account_id, p.principal_identity_id,
    CASE
        WHEN p.said IN ('same_account', 'platform', 'public') THEN p.said
        WHEN p.principal_kind = 'public' THEN 'public'
        WHEN p.principal_kind = 'service' THEN 'platform'
        WHEN p.at_home THEN 'same_account'
        WHEN p.client_group = p.own_group THEN 'same_client'
        WHEN p.tenant_kind = 'msp' THEN 'msp'
        WHEN p.tenant_kind = 'subservice' THEN 'vendor'
        WHEN p.principal_tenant_id IS NOT NULL THEN 'other_client'
        WHEN len(p.groups) = 1 AND p.groups[1] = p.own_group THEN 'same_client'
        WHEN p.only_msp THEN 'msp'
        WHEN len(p.groups) > 0 THEN 'other_client'
        WHEN coalesce(p.listed_name, p.public_name) IS NOT NULL THEN 'vendor'
        ELSE 'unknown'
    END AS relation,
    CASE
        WHEN p.tenant_kind = 'subservice' THEN p.principal_tenant_id
        WHEN p.principal_tenant_id IS NULL AND p.groups IS NULL AND NOT p.at_home
            AND coalesce(p.said, '') NOT IN ('same_account', 'platform', 'public')
            THEN coalesce(p.listed_name, p.public_name)
    END AS vendor
FROM placed AS p;
