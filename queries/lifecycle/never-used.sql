-- title: Identities never used since they were made
-- why: It was made for something that never came, and its power is there all the same.
-- rule: LIF-02
-- severity: low
-- frameworks: soc2: CC6.2, CC6.3; csf: PR.AA-01, ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53:
--   AC-2(3); iso_27001: 5.18; cis: 5.3
-- unknown: A read that shows last use was not whole. Never is said only where the record of use
--   covers the identity's whole life.
-- remediation: Ask whoever made it whether it is still to come; else delete it.
SELECT
    if(len(usage_unread) + untraced = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    name || ' was never used' AS title,
    name,
    native_id,
    kind,
    class,
    privilege,
    owner_id,
    created_at,
    created_by,
    usage_note,
    untraced AS credentials_of_untraced_use,
    'any use' AS would_change,
    usage_rests_on AS rests_on,
    usage_unread AS unread
FROM governed
WHERE usage = 'never'
    AND coalesce(created_at, first_seen) < $now - to_days($never_used_days)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'usage'
ORDER BY tenant_id, account_id, name, identity_id
