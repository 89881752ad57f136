-- title: Machine identities that people use too
-- why: What a person did with it is recorded as the machine's doing, and the person can do it again
--   after leaving.
-- rule: SHR-06
-- severity: medium
-- frameworks: soc2: CC6.1, CC6.3; csf: PR.AA-03; owasp_nhi: NHI10:2025; nist_800_53: AC-2(9),
--   AU-10; iso_27001: 5.16, 8.2; cis: 5.4
-- unknown: A read that shows its passwords or who may act as it was not whole, or its class is
--   ambiguous.
-- remediation: Take the password (or the people's way in) away, and give each person a way of their
--   own.
WITH doors AS (
    SELECT
        identity_id,
        'password' AS door,
        max(last_used_at) AS door_used_at,
        flatten(list(rests_on)) AS rests_on,
        flatten(list(unread)) AS unread
    FROM installed_credentials
    -- a stored password is what a machine logs in with elsewhere, and no door to itself
    WHERE kind = 'password'
        AND status IN ('active', 'unknown')
        AND identity_kind IS DISTINCT FROM 'secret'
    GROUP BY identity_id
    UNION ALL
    SELECT identity_id, 'SAML', NULL, flatten(list(rests_on)), flatten(list(unread))
    FROM ways_in
    WHERE principal_kind = 'saml'
    GROUP BY identity_id
),
people AS (
    SELECT
        identity_id,
        list(door ORDER BY door) AS doors,
        max(door_used_at) AS door_used_at,
        flatten(list(rests_on)) AS rests_on,
        flatten(list(unread)) AS unread
    FROM doors
    GROUP BY identity_id
)
SELECT
    if(len(i.unread) + len(p.unread) = 0 AND i.class <> 'ambiguous', 'open', 'unknown')
        AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' is used by machines and open to people' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.class_rule,
    i.class_evidence,
    i.privilege,
    p.doors,
    p.door_used_at,
    'no password and no trust in an identity provider of people' AS would_change,
    list_distinct(i.rests_on || p.rests_on).list_sort() AS rests_on,
    list_distinct(i.unread || p.unread).list_sort() AS unread
FROM governed AS i
JOIN people AS p ON p.identity_id = i.identity_id
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('credentials', 'trusts')
ORDER BY tenant_id, account_id, name, identity_id
