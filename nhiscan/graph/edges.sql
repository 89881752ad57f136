-- Every step by which one identity can act as another. Read from what holds now; used when resolving
-- (in the working copy) and when explaining (in a reader), so it writes temporary tables only.

CREATE OR REPLACE TEMP TABLE graph_node AS
SELECT i.identity_id, i.tenant_id, i.account_id, i.native_id
FROM identity_version AS i
WHERE i.valid_to IS NULL;

-- What can never match or names a deleted principal is no way in.
CREATE OR REPLACE TEMP TABLE graph_way AS
SELECT t.trust_id, t.identity_id AS target, n.native_id AS target_native,
    n.account_id AS target_account, t.principal, t.principal_kind, t.principal_identity_id,
    t.principal_account_id, t.relation
FROM trusts AS t
JOIN graph_node AS n ON n.identity_id = t.identity_id
WHERE t.verdict NOT IN ('broken', 'dangling') AND (
    t.principal_identity_id IS NOT NULL
    OR t.principal_kind IN ('account', 'organization')
    OR t.relation = 'public'
);

-- A grant that may be judged only with more knowledge (denied, unknown) is no step.
-- In GLOB, unlike in such patterns, brackets and the backslash have a meaning: take it from them.
CREATE OR REPLACE TEMP TABLE graph_power AS
SELECT g.identity_id, g.account_id, g.acts_as,
    replace(replace(g.acts_as, '\', '\\'), '[', '[[]') AS pattern,
    max(g.verdict = 'granted') AS granted
FROM grant_version AS g
JOIN graph_node AS n ON n.identity_id = g.identity_id
WHERE g.valid_to IS NULL AND g.acts_as IS NOT NULL AND g.verdict IN ('granted', 'scoped')
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE trust_edge AS
-- The principal is one identity.
SELECT w.principal_identity_id AS source, w.target, w.trust_id, 'named' AS how
FROM graph_way AS w
JOIN graph_node AS n ON n.identity_id = w.principal_identity_id
WHERE w.principal_identity_id <> w.target
UNION ALL
-- The principal is an account, or every account of an organization: whoever there is allowed to.
SELECT DISTINCT p.identity_id, w.target, w.trust_id, 'member'
FROM (
    SELECT w.*, w.principal_account_id AS entry FROM graph_way AS w
    WHERE w.principal_kind = 'account'
    UNION ALL
    SELECT w.*, a.account_id FROM graph_way AS w
    JOIN account_version AS a ON a.organization = w.principal AND a.valid_to IS NULL
    WHERE w.principal_kind = 'organization'
) AS w
JOIN graph_power AS p
    ON p.account_id = w.entry AND p.identity_id <> w.target AND w.target_native GLOB p.pattern
JOIN graph_node AS n ON n.identity_id = p.identity_id
-- The account may be narrowed to principals of some name.
WHERE w.principal_kind <> 'account'
    OR NOT (contains(w.principal, '*') OR contains(w.principal, '?'))
    OR n.native_id GLOB replace(replace(w.principal, '\', '\\'), '[', '[[]');
