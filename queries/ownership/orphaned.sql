-- title: Identities whose owner has left
-- why: Whoever could explain it is gone, and may still hold its keys; nobody has taken over.
-- rule: OWN-02
-- severity: high
-- frameworks: soc2: CC6.2, CC6.3; csf: PR.AA-01, ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53:
--   AC-2(3), PS-4; iso_27001: 5.16, 5.18; cis: 5.3, 6.2
-- unknown: The read that lists it, or any read that could name a successor, was not whole. A roster
--   that is too old stands under `unread`: the owner may have come back since.
-- remediation: Rotate what the leaver could know, then name a successor in the owner tag, who
--   accepts it; if nobody needs it, disable it and then delete it.
SELECT
    -- a stale roster makes it less sure, and no less urgent to ask
    if(
        len(i.unread) + len(list_filter(i.owner_unread, lambda t: t IS DISTINCT FROM s.roster)) = 0,
        'open',
        'unknown'
    ) AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' belongs to somebody who has left' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.last_known_owner_id,
    coalesce(p.name, r.reference) AS last_known_owner,
    p.since AS left_since,
    p.manager AS manager_id,
    i.last_used_at,
    'a claim by a person who is here, or a roster that lists the owner as active' AS would_change,
    i.rests_on,
    list_distinct(
        i.unread || i.owner_unread || if(s.roster IS NULL, [], [s.roster])
    ).list_sort() AS unread
FROM governed AS i
LEFT JOIN (
    SELECT identity_id, explanation ->> 'roster' AS roster
    FROM resolutions
) AS s ON s.identity_id = i.identity_id
LEFT JOIN parties AS p ON p.party_id = i.last_known_owner_id
LEFT JOIN (
    -- somebody who is in no roster, and whose account the platform knows to be gone
    SELECT identity_id, max_by(reference, (weight, reference)) AS reference
    FROM ownership_claims
    WHERE party_id IS NULL AND outcome LIKE 'remembered%'
    GROUP BY identity_id
) AS r ON r.identity_id = i.identity_id
WHERE i.owner_status = 'orphaned'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
