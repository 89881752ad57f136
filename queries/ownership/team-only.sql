-- title: Identities that only a team or a mailbox owns
-- why: A team cannot be asked, be on leave or leave; accountability needs one person.
-- rule: OWN-06
-- severity: low
-- frameworks: soc2: CC1.5; csf: GV.RR-02; nist_800_53: AC-2; iso_27001: 5.2; cis: 5.5
-- unknown: The read that lists it, or any read that could name a person, was not whole.
-- remediation: Name the lead of the team, or whoever is on call, in the owner tag, and keep the
--   team as contact.
SELECT
    if(len(i.unread) + len(i.owner_unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' is owned by a team, not by a person' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    c.teams,
    'a claim by a person, or a roster that names its lead as the manager of the team' AS would_change,
    i.rests_on,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
LEFT JOIN (
    SELECT o.identity_id, list(DISTINCT p.name ORDER BY p.name) AS teams
    FROM ownership_claims AS o
    JOIN parties AS p ON p.party_id = o.party_id
    WHERE p.kind IN ('team', 'mailbox')
    GROUP BY o.identity_id
) AS c ON c.identity_id = i.identity_id
WHERE i.owner_status = 'team_only'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
