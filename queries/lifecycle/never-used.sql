-- title: Identities never used since they were made
-- why: It was made for something that never came, and its power is there all the same.
-- rule: LIF-02
-- severity: low
-- frameworks: soc2: CC6.2, CC6.3; csf: PR.AA-01, ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53:
--   AC-2(3); iso_27001: 5.18; cis: 5.3
-- unknown: A read that shows last use was not whole. Never is said only where the record of use
--   covers the identity's whole life.
-- remediation: Ask whoever made it whether it is still to come; else delete it. What is meant to wait
--   (break-glass, yearly jobs) gets the tag expected-frequency.
SELECT
    if(len(i.usage_unread) + i.untraced = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' was never used' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.owner_id,
    i.created_at,
    i.created_by,
    i.usage_note,
    i.untraced AS credentials_of_untraced_use,
    'any use' AS would_change,
    i.usage_rests_on AS rests_on,
    i.usage_unread AS unread
FROM governed AS i
LEFT JOIN rests AS r ON r.identity_id = i.identity_id
WHERE i.usage = 'never'
    AND coalesce(i.created_at, i.first_seen)
        < $now - to_days(greatest($never_used_days, coalesce(r.days, 0)))
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'usage'
ORDER BY tenant_id, account_id, name, identity_id
