-- title: Identities whose owner has no backup
-- why: When the owner is away nobody may answer, rotate or switch it off in time.
-- rule: OWN-04
-- severity: medium
-- frameworks: soc2: CC1.3, A1.2~; csf: GV.RR-02; nist_800_53: AC-2; iso_27001: 5.2; cis: 17.1~
-- unknown: The read that lists it, or any read that could name a second person, was not whole.
-- remediation: Name a second person, in a register with role backup, or let the roster name the
--   owner's manager. An owner who is on leave or under notice makes it more urgent.
SELECT
    if(len(i.unread) + len(i.owner_unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' has an owner and no backup' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    p.name AS owner,
    p.employment,
    -- of the rule's weight only while the owner is away or going
    if(p.employment IN ('leave', 'notice'), 3, 2) AS base,
    'a second person who is named, or the owner''s manager in the roster' AS would_change,
    i.rests_on,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
LEFT JOIN parties AS p ON p.party_id = i.owner_id
WHERE i.owner_status IN ('attested', 'declared', 'inferred')
    -- a manager stands in, if weakly
    AND i.backup_id IS NULL
    AND coalesce(i.created_at, i.first_seen) <= $now - to_hours($unowned_grace_hours)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
