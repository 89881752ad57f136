-- Powers that would create a way in, as edges apart from trust: whoever holds one can_become its
-- targets by a new key, a changed trust, a passed role or an added federation. Needs edges.sql.

-- Which kinds of principal each power can be used on, whatever its pattern also matches: a role has
-- no keys of its own, a user no trust, and a guest is changed only where its home is.
CREATE OR REPLACE TEMP TABLE become_target AS
SELECT n.identity_id, n.account_id, n.native_id, unnest(
    CASE
        -- Roles that AWS's services made for themselves: nobody else can change or pass them.
        WHEN regexp_matches(n.native_id, '^arn:[^:]+:iam::[^:]*:role/aws-(service-role|reserved)/')
            THEN []
        WHEN n.kind = 'user' THEN if(n.guest, [], ['new_credential'])
        WHEN n.kind = 'role' THEN ['changed_trust', 'passed_role', 'added_federation']
        WHEN n.kind = 'service_account' THEN if(
            n.guest, [], ['new_credential', 'changed_trust', 'passed_role', 'added_federation']
        )
        WHEN n.kind = 'managed_identity' THEN ['changed_trust', 'passed_role', 'added_federation']
        WHEN n.kind IN ('app', 'service_principal', 'workload', 'bot', 'ai_agent')
            THEN ['new_credential', 'changed_trust', 'passed_role', 'added_federation']
        ELSE []
    END
) AS way
FROM graph_node AS n;

CREATE OR REPLACE TEMP TABLE become_power AS
SELECT g.identity_id, coalesce(g.provider || ':' || g.scope_account, g.account_id) AS account_id,
    g.account_id AS home, g.way, list_sort(coalesce(g.services, [])) AS services, g.acts_as,
    replace(replace(g.acts_as, '\', '\\'), '[', '[[]') AS pattern
FROM grant_version AS g
JOIN graph_node AS n ON n.identity_id = g.identity_id
WHERE g.valid_to IS NULL AND g.acts_as IS NOT NULL AND coalesce(g.way, 'assume') <> 'assume'
    AND g.verdict IN ('granted', 'scoped')
GROUP BY ALL;

-- All of one account who hold one power stand behind one node, as holders of doors do (edges.sql),
-- and beyond the same bound an account is taken as if every pattern matched everything.
CREATE OR REPLACE TEMP TABLE become_holder AS
WITH powers AS (
    SELECT DISTINCT p.home, p.account_id, p.way, p.services, p.pattern FROM become_power AS p
),
crowded AS (
    SELECT p.account_id, p.way
    FROM powers AS p
    JOIN (
        SELECT t.account_id, t.way, count(*) AS targets FROM become_target AS t GROUP BY ALL
    ) AS c ON c.account_id = p.account_id AND c.way = p.way
    WHERE regexp_matches(p.pattern, '[*?]') AND p.pattern <> '*'
    GROUP BY p.account_id, p.way
    HAVING sum(c.targets) > 100 * $coarse
),
judged AS (
    SELECT p.*, c.way IS NOT NULL AS coarse
    FROM powers AS p
    LEFT JOIN crowded AS c ON c.account_id = p.account_id AND c.way = p.way
)
SELECT row_number() OVER (ORDER BY s.home, s.account_id, s.way, s.services, s.pattern) - 1
    AS holder, s.*
FROM (
    SELECT DISTINCT j.home, j.account_id, j.way, j.services, if(j.coarse, '*', j.pattern)
        AS pattern, j.coarse
    FROM judged AS j
) AS s;

CREATE OR REPLACE TEMP TABLE become_member AS
SELECT DISTINCT h.holder, p.identity_id
FROM become_holder AS h
JOIN become_power AS p
    ON p.home = h.home AND p.account_id = h.account_id AND p.way = h.way
    AND p.services = h.services AND (h.coarse OR p.pattern = h.pattern);

-- A role is passed to a service: it must let in one of those in which a workload can be started.
-- Platforms whose grants name no service ask for nothing of the kind.
CREATE OR REPLACE TEMP TABLE become_edge AS
WITH matched AS (
    SELECT h.holder, t.identity_id AS target, h.way, h.services
    FROM become_holder AS h
    JOIN become_target AS t
        ON t.account_id = h.account_id AND t.way = h.way AND t.native_id = h.pattern
    WHERE NOT regexp_matches(h.pattern, '[*?\[\\]')
    UNION ALL
    SELECT h.holder, t.identity_id, h.way, h.services
    FROM become_holder AS h
    JOIN become_target AS t
        ON t.account_id = h.account_id AND t.way = h.way AND t.native_id GLOB h.pattern
    WHERE regexp_matches(h.pattern, '[*?\[\\]')
),
served AS (
    SELECT DISTINCT t.identity_id, t.principal
    FROM trust_version AS t
    WHERE t.valid_to IS NULL AND t.principal_kind = 'service'
        AND t.verdict NOT IN ('broken', 'dangling')
)
SELECT m.holder, m.target
FROM matched AS m
WHERE m.way <> 'passed_role' OR len(m.services) = 0 OR EXISTS (
    FROM served AS s WHERE s.identity_id = m.target AND list_contains(m.services, s.principal)
);
