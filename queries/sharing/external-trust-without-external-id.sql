-- title: Outsiders let in without a required ExternalId
-- why: A provider with many customers can be talked into using its access for the wrong one (the
--   confused deputy); only a demanded, unguessable ExternalId stops that.
-- rule: SHR-08
-- severity: high
-- frameworks: soc2: CC6.1, CC6.6, CC9.2; csf: PR.AA-03, GV.SC-07; owasp_nhi: NHI3:2025, NHI4:2025;
--   nist_800_53: AC-3, AC-20; iso_27001: 5.19, 8.5; cis: 15.6~
-- unknown: The read that shows the trust was not whole, or the trust could not be understood.
-- remediation: Demand sts:ExternalId by StringEquals, with a random value for this client alone, in
--   every statement that names the outsider.
SELECT
    if(len(flatten(list(unread))) = 0 AND bool_or(verdict <> 'unknown'), 'open', 'unknown')
        AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    any_value(name) || ' lets in an outsider without a sound ExternalId' AS title,
    any_value(name) AS name,
    any_value(native_id) AS native_id,
    list(principal ORDER BY principal, trust_id) AS principals,
    list(relation ORDER BY principal, trust_id) AS relations,
    list(DISTINCT vendor ORDER BY vendor) FILTER (vendor IS NOT NULL) AS vendors,
    list(verdict ORDER BY principal, trust_id) AS verdicts,
    list(guard ORDER BY principal, trust_id) AS guards,
    list(reason ORDER BY principal, trust_id) AS reasons,
    'a StringEquals on sts:ExternalId with a literal, unguessable value' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM ways_in
WHERE (
        relation IN ('vendor', 'msp', 'other_client', 'unknown')
        -- ExternalIds exist where roles are assumed, and nowhere else
        AND identity_kind = 'role'
        AND principal_kind IN ('account', 'role', 'user', 'identity', 'organization')
        AND verdict IN ('weak', 'open', 'unknown')
    )
    OR (identity_kind = 'role' AND principal_kind = 'unknown' AND verdict = 'unknown')
GROUP BY tenant_id, account_id, identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
