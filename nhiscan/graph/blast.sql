-- Joins what an identity is, acts as or could become (`blasted`) to control instances and clients.
-- Rejected links are none; suggested ones are told as such.

CREATE OR REPLACE TEMP TABLE blast_link AS
SELECT b.how, b.hops, b.identity_id, k.instance_id, k.tenant_id, k.grade, k.state, k.confidence,
    k.unread,
    (
        SELECT count(DISTINCT o.identity_id) FROM control_links AS o
        WHERE o.instance_id = k.instance_id AND o.tenant_id = k.tenant_id AND o.grade = 'operates'
            AND o.state IN ('linked', 'confirmed')
            AND o.identity_id NOT IN (SELECT x.identity_id FROM blasted AS x WHERE x.how = 'itself')
    ) AS others
FROM blasted AS b
JOIN control_links AS k ON k.identity_id = b.identity_id
WHERE k.state <> 'rejected' AND k.grade IN ('operates', 'can_change');

CREATE OR REPLACE TEMP TABLE blast_row AS
WITH clients AS (
    SELECT b.how, min(b.hops) AS hops, i.tenant_id, arg_min(b.identity_id, b.hops) AS identity_id
    FROM blasted AS b
    JOIN identities AS i ON i.identity_id = b.identity_id
    GROUP BY b.how, i.tenant_id
    UNION ALL
    -- rights given in another client's account, without becoming anybody there
    SELECT b.how, b.hops, r.target_tenant_id, b.identity_id
    FROM blasted AS b
    JOIN reach AS r ON r.identity_id = b.identity_id AND r.via = 'grant'
)
SELECT l.how, l.hops, l.tenant_id, l.instance_id, c.criteria, c.statement, l.grade, l.state,
    l.confidence, l.identity_id,
    CASE
        WHEN l.how <> 'itself' THEN 'one way in is lost: what operates it stays'
        WHEN l.grade <> 'operates' THEN 'may lose proof: it may change this, and use was not seen'
        WHEN c.operated_by_human THEN 'loses proof: people operate it too'
        WHEN l.others > 0 THEN 'loses part of its proof: ' || l.others || ' more operate it'
        ELSE 'stops: nothing else is known to operate it'
    END AS if_revoked,
    CASE
        WHEN l.how = 'can_become' THEN 'whoever has it could make a way in, and then change this'
        WHEN l.grade = 'operates' THEN 'whoever has it operates this, and its proof is worth nothing'
        ELSE 'whoever has it can change this'
    END AS if_compromised,
    l.unread
FROM blast_link AS l
LEFT JOIN control_instances AS c
    ON c.instance_id = l.instance_id AND c.tenant_id = l.tenant_id
-- the same instance by a shorter or surer way is told once
QUALIFY row_number() OVER (
    PARTITION BY l.tenant_id, l.instance_id
    ORDER BY list_position(['itself', 'acts_as', 'can_become'], l.how),
        list_position(['operates', 'can_change'], l.grade), l.hops, l.identity_id
) = 1
UNION ALL
SELECT c.how, min(c.hops), c.tenant_id, NULL, NULL, NULL, NULL, NULL, NULL,
    arg_min(c.identity_id, c.hops), NULL,
    if(c.how = 'can_become', 'could be reached', 'is reached')
        || '; no control instance there is linked to it so', []
FROM clients AS c
JOIN tenants AS t ON t.tenant_id = c.tenant_id AND t.kind = 'client'
-- one that is only reached stays listed, though instances there could be had by a longer way
WHERE NOT EXISTS (
    FROM blast_link AS l
    WHERE l.tenant_id = c.tenant_id
        AND list_position(['itself', 'acts_as', 'can_become'], l.how)
            <= list_position(['itself', 'acts_as', 'can_become'], c.how)
)
GROUP BY c.how, c.tenant_id
QUALIFY row_number() OVER (
    PARTITION BY c.tenant_id
    ORDER BY list_position(['itself', 'acts_as', 'can_become'], c.how)
) = 1;
