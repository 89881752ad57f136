-- Every step by which one identity can act as another. Read from what holds now; used when resolving
-- (in the working copy) and when explaining (in a reader), so it writes temporary tables only.
-- The platforms of $both_sides ask the principal's own policies too, where it is of another account.

CREATE OR REPLACE TEMP TABLE graph_node AS
SELECT i.identity_id, i.tenant_id, i.account_id, i.native_id, i.native_type, i.kind, i.provider,
    i.privilege, i.part_of,
    coalesce(i.provider || ':' || i.home_account <> i.account_id, false) AS guest
FROM identity_version AS i
WHERE i.valid_to IS NULL;

-- What can never match or names a deleted principal is no way in.
CREATE OR REPLACE TEMP TABLE graph_way AS
SELECT t.trust_id, t.identity_id AS target, n.native_id AS target_native,
    n.account_id AS target_account, t.principal, t.principal_kind, t.principal_identity_id,
    t.principal_account_id, t.relation, t.verdict,
    list_contains($both_sides::VARCHAR[], n.provider) AS both_sides
FROM trusts AS t
JOIN graph_node AS n ON n.identity_id = t.identity_id
WHERE t.verdict NOT IN ('broken', 'dangling') AND (
    t.principal_identity_id IS NOT NULL
    OR t.principal_kind IN ('account', 'organization')
    OR t.relation = 'public'
);

-- Whose rights were not read or judged whole: what none of them gives is not known to be denied.
-- What holds for a whole account (policies of the organization) only ever takes rights away.
CREATE OR REPLACE TEMP TABLE graph_blind AS
SELECT n.identity_id
FROM graph_node AS n
WHERE n.privilege = 'unknown' OR EXISTS (
    FROM blind_spots AS b
    WHERE b.topic = 'privilege' AND b.tenant_id = n.tenant_id AND b.account_id = n.account_id
        AND (
            list_contains(b.native_types, n.native_type)
            OR b.source NOT IN (SELECT p.source FROM premises AS p)
        )
);

-- In GLOB, unlike in such patterns, brackets and the backslash have a meaning: take it from them.
CREATE OR REPLACE TEMP TABLE assume_grant AS
SELECT g.identity_id, g.account_id, g.acts_as, g.verdict, g.scope_account,
    replace(replace(g.acts_as, '\', '\\'), '[', '[[]') AS pattern
FROM grant_version AS g
JOIN graph_node AS n ON n.identity_id = g.identity_id
WHERE g.valid_to IS NULL AND g.acts_as IS NOT NULL AND coalesce(g.way, 'assume') = 'assume';

-- A grant that may be judged only with more knowledge (denied, unknown) is no step.
CREATE OR REPLACE TEMP TABLE graph_power AS
SELECT g.identity_id, g.account_id, g.acts_as, g.pattern, max(g.verdict = 'granted') AS granted
FROM assume_grant AS g
WHERE g.verdict IN ('granted', 'scoped')
GROUP BY ALL
UNION ALL
-- Other platforms let in a whole account without asking what its identities were granted.
SELECT n.identity_id, n.account_id, '*', '*', true
FROM graph_node AS n
WHERE n.kind = 'service_account' AND NOT n.guest AND n.account_id IN (
    SELECT w.principal_account_id FROM graph_way AS w
    WHERE w.principal_kind = 'account' AND NOT w.both_sides
);

-- The principal is one identity. Where both sides are asked, what was read of its policies and
-- gives nothing is no way in; what was not read or judged leaves one that is not `proven`.
CREATE OR REPLACE TEMP TABLE named_edge AS
WITH named AS (
    SELECT w.principal_identity_id AS source, w.target, w.target_native, w.trust_id, w.verdict,
        w.both_sides AND w.principal_kind IN ('role', 'user')
            AND n.account_id <> w.target_account AS both_sides
    FROM graph_way AS w
    JOIN graph_node AS n ON n.identity_id = w.principal_identity_id
    WHERE w.principal_identity_id <> w.target
),
allowed AS (
    SELECT x.source, x.target, bool_or(g.verdict IN ('granted', 'scoped')) AS proven
    FROM named AS x
    JOIN assume_grant AS g
        ON g.identity_id = x.source AND x.target_native GLOB g.pattern
    WHERE x.both_sides AND g.verdict <> 'denied'
    GROUP BY x.source, x.target
)
SELECT x.source, x.target, x.trust_id,
    x.verdict <> 'unknown' AND (NOT x.both_sides OR coalesce(a.proven, false)) AS proven
FROM named AS x
LEFT JOIN allowed AS a ON a.source = x.source AND a.target = x.target
WHERE NOT x.both_sides OR a.source IS NOT NULL
    OR x.source IN (SELECT b.identity_id FROM graph_blind AS b);

-- The principal is an account, or every account of an organization: whoever there is allowed to.
-- `narrow` is the pattern of names that the principal is limited to, or empty.
CREATE OR REPLACE TEMP TABLE graph_door AS
SELECT w.trust_id, w.target, w.target_native, w.principal_account_id AS account_id,
    if(contains(w.principal, '*') OR contains(w.principal, '?'), w.principal, '') AS narrow
FROM graph_way AS w
WHERE w.principal_kind = 'account' AND w.principal_account_id IS NOT NULL
UNION ALL
SELECT w.trust_id, w.target, w.target_native, a.account_id, ''
FROM graph_way AS w
JOIN account_version AS a ON a.organization = w.principal AND a.valid_to IS NULL
WHERE w.principal_kind = 'organization';

-- All who hold one grant in an account stand behind one node of their own, or a hundred
-- administrators and a hundred doors would be ten thousand edges. An account that would still make
-- more than $coarse edges (or a hundred times as many comparisons) is taken as if every holder
-- could use every door: more reach than there is, never less, and nobody can fill the memory.
CREATE OR REPLACE TEMP TABLE graph_holder AS
WITH doors AS (
    SELECT d.account_id, d.narrow, count(*) AS doors FROM graph_door AS d GROUP BY ALL
),
pairs AS (
    SELECT p.account_id, d.narrow, p.pattern,
        sum(d.doors) OVER (PARTITION BY p.account_id) > 100 * $coarse AS too_many
    FROM (SELECT DISTINCT q.account_id, q.pattern FROM graph_power AS q) AS p
    JOIN doors AS d ON d.account_id = p.account_id
),
matches AS (
    SELECT x.account_id, count(*) > $coarse AS too_many
    FROM pairs AS x
    JOIN graph_door AS d
        ON d.account_id = x.account_id AND d.narrow = x.narrow AND d.target_native GLOB x.pattern
    WHERE NOT x.too_many
    GROUP BY x.account_id
),
judged AS (
    SELECT x.account_id, x.narrow, x.pattern, x.too_many OR coalesce(m.too_many, false) AS coarse
    FROM pairs AS x
    LEFT JOIN matches AS m ON m.account_id = x.account_id
)
SELECT row_number() OVER (ORDER BY s.account_id, s.narrow, s.pattern) - 1 AS holder, s.account_id,
    s.narrow, s.pattern, s.coarse
FROM (
    SELECT DISTINCT j.account_id, j.narrow, if(j.coarse, '*', j.pattern) AS pattern, j.coarse
    FROM judged AS j
) AS s;

CREATE OR REPLACE TEMP TABLE holder_member AS
SELECT DISTINCT h.holder, p.identity_id
FROM graph_holder AS h
JOIN graph_power AS p
    ON p.account_id = h.account_id AND (h.coarse OR p.pattern = h.pattern)
JOIN graph_node AS n ON n.identity_id = p.identity_id
WHERE h.narrow = '' OR n.native_id GLOB replace(replace(h.narrow, '\', '\\'), '[', '[[]');

CREATE OR REPLACE TEMP TABLE holder_edge AS
SELECT h.holder, d.target, d.trust_id
FROM graph_holder AS h
JOIN graph_door AS d
    ON d.account_id = h.account_id AND d.narrow = h.narrow AND d.target_native GLOB h.pattern;
