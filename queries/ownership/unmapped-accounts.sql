-- title: Accounts that belong to no client
-- why: An account that nobody's scan covers is where forgotten keys live; whose it is, is never
--   guessed.
-- rule: OWN-08
-- severity: medium
-- frameworks: soc2: CC1.3, CC6.1~; csf: ID.AM-02, GV.RR-02~; nist_800_53: CM-8; iso_27001: 5.9;
--   cis: 5.5~
-- unknown: The list of the organization's accounts was not whole.
-- remediation: Name the account or its organizational unit under `map:` of the entry that found it,
--   or close the account.
WITH blind AS (
    SELECT tenant_id, flatten(list(unread)) AS unread
    FROM blind_spots
    WHERE topic = 'accounts'
    GROUP BY tenant_id
)
SELECT
    if(b.tenant_id IS NULL, 'open', 'unknown') AS verdict,
    a.tenant_id,
    a.account_id,
    a.account_id AS subject,
    coalesce(a.name, a.native_id) || ' belongs to no client' AS title,
    a.name,
    a.native_id,
    a.organization,
    a.path,
    a.reason,
    'an entry for the account or a unit above it under `map:`' AS would_change,
    []::VARCHAR[] AS rests_on,
    coalesce(b.unread, []) AS unread
FROM accounts AS a
LEFT JOIN blind AS b ON b.tenant_id = a.tenant_id
WHERE a.state = 'unmapped'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'accounts'
ORDER BY tenant_id, account_id
