-- title: Outsiders let in without a vendor record
-- why: A third party that nobody has on a list is one that nobody's contract binds or ends.
-- rule: SHR-07
-- severity: medium
-- frameworks: soc2: CC9.2; csf: GV.SC-04, ID.AM-04; owasp_nhi: NHI3:2025; nist_800_53: SA-9, PS-7;
--   iso_27001: 5.19, 5.20; cis: 15.1
-- unknown: The read that shows the trust was not whole.
-- remediation: Find out who it is and why it is let in; enter it in vendors.yaml with its
--   agreement, or take the trust away.
WITH outsiders AS (
    SELECT w.*
    FROM ways_in AS w
    WHERE w.relation IN ('vendor', 'unknown')
        AND w.principal_kind IN (
            'account', 'role', 'user', 'identity', 'organization', 'application'
        )
        AND NOT EXISTS (
            SELECT 1
            FROM parties AS p
            WHERE p.kind = 'vendor' AND (p.name = w.vendor OR p.party_id = w.vendor)
        )
        -- a subservice that the configuration names is on record by that
        AND NOT EXISTS (
            SELECT 1 FROM tenants AS t WHERE t.kind = 'subservice' AND t.tenant_id = w.vendor
        )
)
SELECT
    if(len(flatten(list(unread))) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    any_value(name) || ' lets in an outsider without a vendor record' AS title,
    any_value(name) AS name,
    any_value(native_id) AS native_id,
    list(DISTINCT principal ORDER BY principal) AS principals,
    list(DISTINCT vendor ORDER BY vendor) FILTER (vendor IS NOT NULL) AS listed_publicly_as,
    list(DISTINCT relation ORDER BY relation) AS relations,
    'an entry for its account or application in vendors.yaml' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM outsiders
GROUP BY tenant_id, account_id, identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
