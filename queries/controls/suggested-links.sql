-- title: Links to control instances that wait for somebody to confirm them
-- why: What operates a control is worth knowing only if it is true; a guess between 0.40 and 0.70
--   is put before a person, with every reason for it: `nhiscan link confirm` or `reject` decides.
-- param: tenant text null only this client's controls
-- param: criterion text null only this criterion, such as CC6.2
-- unknown: verdict is unknown where a read that bears on the link or its grade was not whole. A row
--   without instance stands for a read that shows rights and was not whole: it may hide links.
WITH queue AS (
    SELECT
        l.instance_id,
        l.identity_id,
        l.tenant_id,
        l.identity_tenant_id,
        l.confidence,
        l.grade,
        l.unread,
        CAST(l.reasons AS STRUCT(basis VARCHAR, weight DOUBLE, reason VARCHAR, evidence VARCHAR)[])
            AS reasons
    FROM control_links AS l
    WHERE l.state = 'suggested'
)
SELECT
    if(len(q.unread) = 0, 'known', 'unknown') AS verdict,
    q.tenant_id,
    q.instance_id,
    c.criteria,
    c.statement,
    i.name AS identity,
    q.identity_id,
    i.native_id,
    q.identity_tenant_id,
    i.account_id,
    round(q.confidence, 2) AS confidence,
    q.grade,
    list_transform(q.reasons, lambda r: r.basis || ' ' || round(r.weight, 2) || ': ' || r.reason)
        AS reasons,
    list_transform(q.reasons, lambda r: r.evidence) AS evidence,
    coalesce(a.name, array_to_string(c.accountable_refs, ', ')) AS ask,
    q.unread
FROM queue AS q
JOIN control_instances AS c ON c.instance_id = q.instance_id
LEFT JOIN identities AS i ON i.identity_id = q.identity_id
LEFT JOIN parties AS a ON a.party_id = c.accountable_id
WHERE ($tenant IS NULL OR q.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(c.criteria, $criterion))
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title AS identity, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
    AND tenant_id IN (SELECT o.tenant_id FROM control_instances AS o)
    AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, confidence DESC NULLS LAST, instance_id, identity, account_id, identity_id
