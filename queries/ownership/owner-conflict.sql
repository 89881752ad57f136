-- title: Identities that several people seem to own
-- why: Two owners are none: each takes the other to act.
-- rule: OWN-03
-- severity: medium
-- frameworks: soc2: CC1.3, CC1.5; csf: GV.RR-02; nist_800_53: AC-2; iso_27001: 5.2; cis: 5.5
-- unknown: The read that lists it, or any read that could decide between them, was not whole.
-- remediation: Let the candidates agree on one of them and name that one in the owner tag, or let
--   that one say so (`nhiscan attest`); the other becomes the backup.
SELECT
    if(len(i.unread) + len(i.owner_unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' has conflicting owners' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    -- those who are too close; leavers and whoever said no are none
    coalesce(CAST(r.explanation -> 'candidates' AS VARCHAR[]), c.candidates) AS candidates,
    c.claims,
    'a stronger claim by one of them' AS would_change,
    i.rests_on,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
LEFT JOIN resolutions AS r ON r.identity_id = i.identity_id
LEFT JOIN (
    SELECT
        identity_id,
        list(DISTINCT party_id ORDER BY party_id) FILTER (party_id IS NOT NULL) AS candidates,
        list(signal || ': ' || evidence ORDER BY weight DESC, signal, evidence) AS claims
    FROM ownership_claims
    GROUP BY identity_id
) AS c ON c.identity_id = i.identity_id
WHERE i.owner_status = 'conflict'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
