-- Numbers the nodes of the whole graph: identities that some step touches, then holders of grants.
-- Trust alone; with $material also what one credential proves (material.sql), and with $become what
-- could be created first (become.sql).

CREATE OR REPLACE TEMP TABLE fleet_member AS
SELECT 'trust' AS kind, m.holder, m.identity_id FROM holder_member AS m
WHERE m.holder IN (SELECT e.holder FROM holder_edge AS e)
UNION ALL
SELECT 'can_become', m.holder, m.identity_id FROM become_member AS m
WHERE $become AND m.holder IN (SELECT e.holder FROM become_edge AS e)
UNION ALL
SELECT 'material', m.holder, m.identity_id FROM material_member AS m WHERE $material;

CREATE OR REPLACE TEMP TABLE fleet_target AS
SELECT DISTINCT 'trust' AS kind, e.holder, e.target FROM holder_edge AS e
UNION ALL
SELECT 'can_become', e.holder, e.target FROM become_edge AS e WHERE $become
UNION ALL
SELECT 'material', e.holder, e.target FROM material_edge AS e WHERE $material;

CREATE OR REPLACE TEMP TABLE fleet_node AS
WITH touched AS (
    SELECT e.source AS identity_id FROM named_edge AS e
    UNION
    SELECT e.target FROM named_edge AS e
    UNION
    SELECT e.target FROM fleet_target AS e
    UNION
    SELECT w.target FROM graph_way AS w WHERE w.relation = 'public'
    UNION
    SELECT m.identity_id FROM fleet_member AS m
),
placed AS (
    SELECT n.identity_id, NULL AS kind, NULL AS holder, n.tenant_id
    FROM graph_node AS n WHERE n.identity_id IN (SELECT t.identity_id FROM touched AS t)
    UNION ALL
    -- those who hold a grant of one account are of one tenant; whoever holds a credential is of any,
    -- so that its node counts for none (a step out of it may cross, a step into it never does)
    SELECT NULL, h.kind, h.holder, if(h.kind = 'material', '', min(n.tenant_id))
    FROM fleet_member AS h
    JOIN graph_node AS n ON n.identity_id = h.identity_id
    GROUP BY h.kind, h.holder
)
SELECT row_number() OVER (
        ORDER BY p.kind DESC NULLS FIRST, p.holder, p.identity_id
    ) - 1 AS node, p.*
FROM placed AS p;

CREATE OR REPLACE TEMP TABLE fleet_edge AS
SELECT s.node AS source, t.node AS target
FROM named_edge AS e
JOIN fleet_node AS s ON s.identity_id = e.source
JOIN fleet_node AS t ON t.identity_id = e.target
UNION
SELECT s.node, t.node
FROM fleet_member AS m
JOIN fleet_node AS s ON s.identity_id = m.identity_id
JOIN fleet_node AS t ON t.kind = m.kind AND t.holder = m.holder
UNION
SELECT s.node, t.node
FROM fleet_target AS e
JOIN fleet_node AS s ON s.kind = e.kind AND s.holder = e.holder
JOIN fleet_node AS t ON t.identity_id = e.target;
