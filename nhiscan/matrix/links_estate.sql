-- Which control instances hold at the moment, which identities may operate them, and what each of
-- these can do and was seen to do in its own client's accounts.

CREATE OR REPLACE TEMP TABLE link_instance AS
SELECT c.instance_id, c.tenant_id, t.client_group, c.criteria, c.accountable_id,
    regexp_extract(c.file, '([^/]+/)?[^/]+$') AS file,
    c.responsibility = 'n/a' AS excluded,
    c.period_start::TIMESTAMPTZ AS starts_at, c.period_end::TIMESTAMPTZ AS ends_at
FROM control_instance_version AS c
JOIN known_tenant AS t ON t.tenant_id = c.tenant_id
WHERE c.valid_to IS NULL
    AND c.period_start <= $at::TIMESTAMPTZ::DATE AND c.period_end > $at::TIMESTAMPTZ::DATE;

CREATE OR REPLACE TEMP TABLE link_criterion AS
SELECT c.instance_id, c.client_group, unnest(c.criteria) AS criterion
FROM link_instance AS c
WHERE NOT c.excluded;

-- `whole_id` answers for its parts, so links are to it; `inferable` tells whom inference may link.
CREATE OR REPLACE TEMP TABLE link_identity AS
SELECT i.identity_id, i.tenant_id, t.client_group, t.kind AS tenant_kind, i.provider, i.account_id,
    i.kind, i.native_type, i.class, i.name, i.native_id, i.immutable_id, i.privilege, i.source,
    i.region, i.attributes ->> 'app_id' AS app_id, i.attributes ->> 'tags_unread' AS tags_unread,
    coalesce(w.identity_id, i.identity_id) AS whole_id,
    w.identity_id IS NULL AND i.class NOT IN ('human', 'platform') AND coalesce(i.enabled, true)
        AS inferable,
    list_transform(
        map_entries(i.tags::MAP(VARCHAR, VARCHAR)), lambda e: lower(e.key || '=' || e.value)
    ) AS tags
FROM identity_version AS i
JOIN known_tenant AS t ON t.tenant_id = i.tenant_id
LEFT JOIN identity_version AS w
    ON w.identity_id = i.part_of AND w.valid_to IS NULL
    AND w.class NOT IN ('human', 'platform') AND coalesce(w.enabled, true)
WHERE i.valid_to IS NULL
    AND EXISTS (FROM link_instance)
    AND (
        t.kind IN ('msp', 'subservice')
        OR t.client_group IN (SELECT c.client_group FROM link_instance AS c)
    );

-- Rights in the accounts of the identity's own client. Powers to become another are that one's.
CREATE OR REPLACE TEMP TABLE link_grant AS
SELECT i.identity_id, i.client_group, g.role, g.action_class, g.actions, g.verdict
FROM grant_version AS g
JOIN link_identity AS i ON i.identity_id = g.identity_id
LEFT JOIN known_account AS a ON a.provider = g.provider AND a.native_id = g.scope_account
WHERE g.valid_to IS NULL AND g.acts_as IS NULL AND g.verdict IN ('granted', 'scoped')
    AND (g.scope_account IS NULL OR a.client_group = i.client_group);

-- In how many classes an identity may change anything: one that may do everything fits everything.
CREATE OR REPLACE TEMP TABLE link_breadth AS
SELECT g.identity_id, if(
        bool_or(g.action_class = 'admin'),
        (SELECT count(DISTINCT c.action_class) FROM capability_class AS c WHERE c.action_class <> 'read'),
        greatest(count(DISTINCT g.action_class) FILTER (g.action_class <> 'read'), 1)
    ) AS classes
FROM link_grant AS g
GROUP BY g.identity_id;

-- What an identity is capable of: `basis` is role where it has a role for just that, and no other
-- role that changes anything else.
CREATE OR REPLACE TEMP TABLE link_capable AS
WITH classes AS (
    SELECT DISTINCT g.identity_id, g.role, g.action_class, g.actions FROM link_grant AS g
),
exact AS (
    SELECT DISTINCT g.identity_id, c.capability, g.role
    FROM classes AS g
    JOIN capability_role AS c ON c.role = lower(g.role)
),
strays AS (
    SELECT DISTINCT e.identity_id, e.capability
    FROM exact AS e
    JOIN classes AS o ON o.identity_id = e.identity_id AND o.action_class NOT IN ('read', 'data')
    LEFT JOIN capability_role AS r ON r.capability = e.capability AND r.role = lower(o.role)
    LEFT JOIN capability_class AS c
        ON c.capability = e.capability AND c.action_class = o.action_class
    WHERE r.role IS NULL AND c.action_class IS NULL
),
found AS (
    SELECT e.identity_id, e.capability, 'role' AS basis, 'role ' || e.role AS evidence
    FROM exact AS e
    ANTI JOIN strays AS s ON s.identity_id = e.identity_id AND s.capability = e.capability
    UNION ALL
    SELECT g.identity_id, c.capability, 'action_class',
        'role ' || g.role || ' gives ' || g.action_class
    FROM classes AS g
    JOIN capability_class AS c ON c.action_class = g.action_class
    WHERE len(c.actions) = 0
        -- Nearly everybody may read something: there the very actions must be told.
        OR (len(g.actions) = 0 AND g.action_class NOT IN ('read', 'data'))
        OR len(list_filter(
            c.actions, lambda p: len(list_filter(g.actions, lambda a: a GLOB p)) > 0
        )) > 0
    UNION ALL
    SELECT g.identity_id, c.capability, 'action_class', 'role ' || g.role || ' gives everything'
    FROM classes AS g
    JOIN capability_class AS c ON c.action_class <> 'read'
    WHERE g.action_class = 'admin'
    UNION ALL
    SELECT i.identity_id, c.capability, 'action_class', 'it is a ' || i.kind
    FROM link_identity AS i
    JOIN capability_kind AS c ON c.kind = i.kind
    UNION ALL
    SELECT i.identity_id, c.capability, 'role', 'builds may act as it: ' || t.principal
    FROM trust_version AS t
    JOIN link_identity AS i ON i.identity_id = t.identity_id AND i.privilege IN ('write', 'admin')
    JOIN capability_issuer AS c ON t.principal GLOB c.issuer
    WHERE t.valid_to IS NULL AND t.principal_kind = 'oidc'
        AND t.verdict NOT IN ('broken', 'dangling', 'unknown')
)
SELECT f.identity_id, f.capability, f.basis, min(f.evidence) AS evidence,
    if(f.basis = 'role', $w_role::DOUBLE, $w_action_class::DOUBLE / coalesce(b.classes, 1)) AS weight
FROM found AS f
LEFT JOIN link_breadth AS b ON b.identity_id = f.identity_id
GROUP BY f.identity_id, f.capability, f.basis, b.classes;

-- What an identity was seen to do, and in which client's accounts: a last use, with the service where
-- the platform tells it, and events of use. Which client a last use of the MSP's own served is not
-- told; an event without a client is of the identity's own.
CREATE OR REPLACE TEMP TABLE link_subject AS
SELECT i.whole_id AS identity_id, i.client_group, i.identity_id AS subject_id
FROM link_identity AS i
UNION
SELECT i.whole_id, i.client_group, c.credential_id
FROM credential_version AS c
JOIN link_identity AS i ON i.identity_id = c.identity_id
WHERE c.valid_to IS NULL;

CREATE OR REPLACE TEMP TABLE link_use AS
SELECT DISTINCT s.identity_id, s.client_group, lower(u.service) AS service,
    u.last_used_at AS used_at, u.source
FROM usage_last AS u
JOIN link_subject AS s ON s.subject_id = u.subject_id
WHERE u.last_used_at IS NOT NULL
UNION ALL
SELECT i.whole_id, coalesce(t.client_group, i.client_group),
    CASE WHEN contains(e.action, ':') THEN lower(split_part(e.action, ':', 1)) END AS service,
    max(e.occurred_at), 'events of use'
FROM usage_events AS e
JOIN link_identity AS i ON i.identity_id = e.identity_id
LEFT JOIN known_tenant AS t ON t.tenant_id = e.target_tenant_id
-- a client that is told and not known is nobody's
WHERE (e.target_tenant_id IS NOT NULL OR e.target_ref IS NULL)
    AND e.occurred_at <= $at::TIMESTAMPTZ
GROUP BY 1, 2, 3, date_trunc('day', e.occurred_at);

-- Which capabilities an instance is about.
CREATE OR REPLACE TEMP TABLE link_fit AS
SELECT DISTINCT c.instance_id, c.client_group, k.capability
FROM link_criterion AS c
JOIN capability_criterion AS k ON k.criterion = c.criterion;
