-- title: Identities whose owner is only inferred
-- why: An owner who never said so may not know it; evidence points at people, it does not bind them.
-- rule: OWN-05
-- severity: low
-- frameworks: soc2: CC1.5, CC4.1; csf: GV.RR-02; owasp_nhi: NHI1:2025~; nist_800_53: AC-2;
--   iso_27001: 5.18; cis: 5.5
-- unknown: The read that lists it, or any read that could name an owner, was not whole.
-- remediation: Ask the person whom the evidence names, and record the answer: `nhiscan attest IDENTITY
--   --owner PERSON`, or `--not-owner PERSON`.
WITH operating AS (
    SELECT DISTINCT identity_id
    FROM control_links
    WHERE grade = 'operates' AND state IN ('linked', 'confirmed')
),
-- what is said of an application's registration is said of its principal
confirmed AS (
    SELECT coalesce(o.part_of, o.identity_id) AS identity_id
    FROM attestations AS a
    JOIN identities AS o ON o.identity_id = a.identity_id
    WHERE a.is_owner AND coalesce(o.created_at <= a.attested_at, true)
)
SELECT
    if(len(i.unread) + len(i.owner_unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' has an owner whom nobody confirmed' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    i.owner_status,
    p.name AS owner,
    'an attestation by the owner, a register or an owner tag' AS would_change,
    i.rests_on,
    list_distinct(i.unread || i.owner_unread).list_sort() AS unread
FROM governed AS i
LEFT JOIN parties AS p ON p.party_id = i.owner_id
WHERE (
        i.owner_status = 'inferred'
        -- of what operates a control, somebody who is only suggested is no owner: OWN-01
        OR (
            i.owner_status = 'suggested'
            AND i.identity_id NOT IN (SELECT o.identity_id FROM operating AS o)
        )
    )
    AND i.identity_id NOT IN (SELECT c.identity_id FROM confirmed AS c)
    AND coalesce(i.created_at, i.first_seen) <= $now - to_hours($unowned_grace_hours)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
