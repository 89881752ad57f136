-- title: Identities that the whole world may become
-- why: Anybody with an account at the same platform can act as it.
-- rule: SHR-09
-- severity: critical
-- frameworks: soc2: CC6.1, CC6.6; csf: PR.AA-03, PR.AA-05; owasp_nhi: NHI4:2025; nist_800_53: AC-3;
--   iso_27001: 5.15, 8.3; cis: 6.8~
-- unknown: The read that shows the trust was not whole, or the trust could not be understood.
-- remediation: Name the principals that are meant, or take the statement away; then read its use
--   since the trust was made.
SELECT
    if(len(flatten(list(unread))) = 0 AND bool_or(verdict <> 'unknown'), 'open', 'unknown')
        AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    any_value(name) || ' is open to the public' AS title,
    any_value(name) AS name,
    any_value(native_id) AS native_id,
    list(principal ORDER BY principal, trust_id) AS principals,
    list(verdict ORDER BY principal, trust_id) AS verdicts,
    list(guard ORDER BY principal, trust_id) AS guards,
    list(reason ORDER BY principal, trust_id) AS reasons,
    'a principal in place of the asterisk, or a condition that names one' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM ways_in
WHERE ((relation = 'public' OR principal_kind = 'public') AND verdict <> 'guarded')
    OR (principal_kind = 'unknown' AND verdict = 'unknown')
GROUP BY tenant_id, account_id, identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
