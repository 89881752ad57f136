-- title: Identities that nobody owns
-- why: Nobody will rotate it, review it or notice when it is abused; an auditor asks for a name.
-- rule: OWN-01
-- severity: medium
-- frameworks: soc2: CC1.3, CC6.2; csf: GV.RR-02, ID.AM-02; owasp_nhi: NHI1:2025~; nist_800_53:
--   AC-2, CM-8; iso_27001: 5.9, 5.16; cis: 5.5
-- unknown: The read that lists it, or any read that could name an owner (its tags, its creator, the
--   contacts of its account), was not whole.
-- remediation: Find who runs what uses it and name that person in an owner tag; if nothing uses it,
--   disable it and then delete it.
SELECT
    if(len(unread) + len(owner_unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    name || if(
        owner_status = 'suggested', ' operates a control and has only a suggested owner', ' has no owner'
    ) AS title,
    name,
    native_id,
    kind,
    class,
    privilege,
    created_at,
    created_by,
    last_used_at,
    owner_status,
    'an owner tag, or a claim by a person of a roster' AS would_change,
    rests_on,
    list_distinct(unread || owner_unread).list_sort() AS unread
FROM governed
WHERE (
        coalesce(owner_status, 'unowned') = 'unowned'
        OR (
            owner_status = 'suggested'
            AND identity_id IN (
                SELECT l.identity_id
                FROM control_links AS l
                WHERE l.grade = 'operates' AND l.state IN ('linked', 'confirmed')
            )
        )
    )
    -- what was made just now may still be on its way to its owner
    AND coalesce(created_at, first_seen) <= $now - to_hours($unowned_grace_hours)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
