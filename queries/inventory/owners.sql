-- title: Owners and what they hold
-- why: Before somebody goes on leave or leaves: what is theirs, how strong it is, and who stands
--   in.
-- param: owner text null only this party, by its id, name or address
-- unknown: A row without owner stands for a read that lists identities or names owners and was not
--   whole: somebody may own more than is shown.
SELECT
    if(bool_and(len(i.owner_unread) = 0 AND len(i.unread) = 0), 'known', 'unknown') AS verdict,
    p.party_id AS owner_id,
    p.name AS owner,
    p.kind,
    p.org,
    p.employment,
    i.tenant_id,
    count(*) AS identities,
    count(*) FILTER (i.privilege = 'admin') AS admins,
    count(*) FILTER (i.backup_id IS NULL) AS without_backup,
    count(*) FILTER (i.owner_status IN ('inferred', 'suggested')) AS never_confirmed,
    list(i.name ORDER BY i.privilege <> 'admin', i.name)[:20] AS names,
    list_distinct(flatten(list(i.unread || i.owner_unread))).list_sort() AS unread
FROM governed AS i
JOIN parties AS p ON p.party_id = i.owner_id
WHERE $owner IS NULL OR $owner IN (p.party_id, p.name, p.email)
GROUP BY p.party_id, p.name, p.kind, p.org, p.employment, i.tenant_id
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id || ': ' || title AS owner, unread
FROM blind_spots
WHERE topic IN ('identities', 'owners')
ORDER BY owner_id, tenant_id
