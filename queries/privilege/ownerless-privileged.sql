-- title: Powerful identities that nobody answers for
-- why: Whoever takes it over can change what it reaches, and nobody is there to notice.
-- param: tenant text null only this client
-- unknown: The read that lists it, or any read that could name an owner, was not whole.
-- remediation: Find who runs what uses it and name that person as its owner; until then take the
--   power away.
SELECT
    if(len(i.unread) + len(i.owner_unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.attributes ->> 'privilege_reason' AS privilege_reason,
    i.owner_status,
    i.last_known_owner_id,
    i.created_at,
    i.created_by,
    i.last_used_at,
    i.usage,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
WHERE coalesce(i.owner_status, 'unowned') IN ('unowned', 'orphaned')
    AND i.privilege IN ('admin', 'write')
    AND ($tenant IS NULL OR i.tenant_id = $tenant)
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title AS name, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
    AND ($tenant IS NULL OR tenant_id = $tenant)
ORDER BY tenant_id, privilege, account_id, name, identity_id
