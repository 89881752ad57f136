-- title: Powerful identities that nobody answers for
-- why: Whoever takes it over can change what it reaches, and nobody is there to notice.
-- param: shown integer 5 strongest grants told of each
-- param: tenant text null only this client
-- unknown: The read that lists it, or any read that could name an owner, was not whole; or what it
--   may do could not be decided. Here are the unowned and those whose owner has left. Who has a
--   suggested owner, rival ones or only a team is in the queries of ownership.
-- remediation: Find who runs what uses it and name that person as its owner; until then take the
--   power away.
WITH held AS (
    SELECT
        identity_id,
        role || ' on ' || scope || ' (' || via || ')' AS told,
        min(CASE action_class WHEN 'admin' THEN 1 WHEN 'iam' THEN 2 WHEN 'read' THEN 4 ELSE 3 END)
            AS place,
        bool_or(verdict = 'unknown') AS undecided
    FROM grants
    WHERE verdict <> 'denied' AND coalesce(way, 'assume') = 'assume'
    GROUP BY identity_id, role, scope, via
),
power AS (
    SELECT
        identity_id,
        list(told ORDER BY place, told)[:$shown] AS strongest_grants,
        count(*) AS grants,
        bool_or(undecided) AS undecided
    FROM held
    GROUP BY identity_id
)
SELECT
    if(
        len(i.unread) + len(i.owner_unread) = 0 AND i.privilege <> 'unknown', 'open', 'unknown'
    ) AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.attributes ->> 'privilege_reason' AS privilege_reason,
    p.strongest_grants,
    p.grants,
    i.owner_status,
    i.last_known_owner_id,
    i.created_at,
    i.created_by,
    i.last_used_at,
    i.usage,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
LEFT JOIN power AS p ON p.identity_id = i.identity_id
WHERE coalesce(i.owner_status, 'unowned') IN ('unowned', 'orphaned')
    AND (
        i.privilege IN ('admin', 'write')
        OR (i.privilege = 'unknown' AND coalesce(p.undecided, false))
    )
    AND ($tenant IS NULL OR i.tenant_id = $tenant)
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title AS name, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
    AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, privilege, account_id, name, identity_id
