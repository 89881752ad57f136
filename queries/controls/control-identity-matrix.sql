-- title: Which identities operate which controls, and what is linked to nothing
-- why: Both ways at once: what stops or loses its proof if an identity goes, and which power nobody
--   has a reason for.
-- param: tenant text null only this client: of the control, or of an identity without one
-- param: criterion text null only this criterion, such as CC6.2
-- unknown: verdict is unknown where a read that the link, its grade or its absence rests on was not
--   whole. direction is control for rows of each instance, identity for powerful identities that
--   operate none, in tenants that have a matrix. operates means: may change it and was seen to.
WITH
links AS (
    SELECT l.*, i.name, i.native_id, i.privilege, i.owner_id, i.part_of
    FROM control_links AS l
    LEFT JOIN identities AS i ON i.identity_id = l.identity_id
),
faults AS (
    SELECT
        coalesce(identity_id, instance_id) AS subject,
        any_value(status) AS status,
        any_value(title) AS title,
        any_value(unread) AS unread
    FROM findings
    WHERE rule = 'CTL-07' AND status <> 'resolved'
    GROUP BY ALL
)
SELECT
    CASE
        WHEN i.period_end <= CAST($now AT TIME ZONE 'UTC' AS DATE) THEN 'over'
        WHEN f.status = 'unknown' OR len(l.unread) > 0 THEN 'unknown'
        WHEN f.subject IS NOT NULL THEN 'fail'
        WHEN l.state = 'suggested' THEN 'to confirm'
        ELSE 'pass'
    END AS verdict,
    'control' AS direction,
    i.tenant_id,
    i.instance_id,
    i.criteria,
    i.operated_by_human,
    l.identity_id,
    l.name AS identity,
    l.native_id,
    l.identity_tenant_id,
    l.privilege,
    l.state,
    l.grade,
    l.confidence,
    l.basis,
    p.name AS identity_owner,
    f.title AS fault,
    coalesce(l.unread, f.unread, []) AS unread,
    i.file || ':' || coalesce(i.lines ->> 'operated_by', CAST(i.line AS VARCHAR)) AS source
FROM control_instances AS i
LEFT JOIN links AS l ON l.instance_id = i.instance_id AND l.state <> 'rejected'
LEFT JOIN parties AS p ON p.party_id = l.owner_id
LEFT JOIN faults AS f ON f.subject = i.instance_id
WHERE i.responsibility <> 'n/a'
    AND ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(i.criteria, $criterion))
UNION ALL BY NAME
SELECT
    if(f.status = 'unknown', 'unknown', 'fail') AS verdict,
    'identity' AS direction,
    g.tenant_id,
    g.identity_id,
    g.name AS identity,
    g.native_id,
    g.tenant_id AS identity_tenant_id,
    g.privilege,
    p.name AS identity_owner,
    f.title AS fault,
    coalesce(f.unread, []) AS unread
FROM governed AS g
JOIN faults AS f ON f.subject = g.identity_id
LEFT JOIN parties AS p ON p.party_id = g.owner_id
WHERE $criterion IS NULL AND ($tenant IS NULL OR g.tenant_id = $tenant)
ORDER BY tenant_id, direction, instance_id, identity, identity_id
