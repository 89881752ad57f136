-- comment: Identities that are one and the same principal in several clients, such as one application's service principals.
-- history: no
-- column identity_id: One of them, or a part of one, or the whole that one is part of.
-- column tool: What they have in common: key of the shared principal.
WITH members AS (
    SELECT unnest(p.identity_ids) AS identity_id, p.key AS tool
    FROM shared p
    WHERE p.level = 'principal'
),
-- An application and its service principal at home are one, whichever of them a log names.
called AS (
    SELECT m.identity_id, m.tool FROM members m
    UNION ALL
    SELECT i.part_of, m.tool
    FROM members m
    JOIN identities i ON i.identity_id = m.identity_id
    WHERE i.part_of IS NOT NULL
    UNION ALL
    SELECT i.identity_id, m.tool
    FROM members m
    JOIN identities i ON i.part_of = m.identity_id
)
SELECT c.identity_id, min(c.tool) AS tool
FROM called c
GROUP BY c.identity_id
