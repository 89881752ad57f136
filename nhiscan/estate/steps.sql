-- How one identity can act as another: the edges that `nhiscan path` walks. Needs the tables of
-- nhiscan/graph/edges.sql, become.sql and material.sql. Who holds one grant is a group: a step into
-- it costs nothing. `*` is anybody.
WITH step AS (
    SELECT e.source, e.target, 'named' AS how, 'trust' AS kind, e.proven AS certain
    FROM named_edge AS e
    UNION
    SELECT m.identity_id, 'holders:trust:' || m.holder, 'holds', 'group', true FROM holder_member AS m
    UNION
    SELECT 'holders:trust:' || e.holder, e.target, 'member', 'trust', true FROM holder_edge AS e
    UNION
    SELECT m.identity_id, 'holders:become:' || m.holder, 'holds', 'group', true
    FROM become_member AS m
    UNION
    SELECT 'holders:become:' || e.holder, e.target, h.way, 'can_become', true
    FROM become_edge AS e JOIN become_holder AS h ON h.holder = e.holder
    UNION
    SELECT m.identity_id, 'holders:material:' || m.holder, 'holds', 'group', true
    FROM material_member AS m
    UNION
    SELECT 'holders:material:' || e.holder, e.target, g.how,
        if(g.federated, 'trust', 'shared_credential'), true
    FROM material_edge AS e JOIN material_group AS g ON g.holder = e.holder
    UNION
    SELECT '*', w.target, 'public', 'trust', true FROM graph_way AS w WHERE w.relation = 'public'
)

SELECT s.source AS source_id, s.target AS target_id, s.how, bool_or(s.certain) AS certain, s.kind
FROM step AS s
WHERE $tenants::VARCHAR[] IS NULL
    OR (
        (s.source NOT LIKE 'nhi!_%' ESCAPE '!' OR s.source IN (
            SELECT i.identity_id FROM identities AS i WHERE list_contains($tenants, i.tenant_id)
        ))
        AND (s.target NOT LIKE 'nhi!_%' ESCAPE '!' OR s.target IN (
            SELECT i.identity_id FROM identities AS i WHERE list_contains($tenants, i.tenant_id)
        ))
    )
GROUP BY ALL
ORDER BY ALL
