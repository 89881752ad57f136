-- title: The same credential material in several clients
-- why: Whoever steals it from one client holds it for all of them.
-- rule: SHR-05
-- severity: high
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI9:2025, NHI7:2025; nist_800_53: IA-5;
--   iso_27001: 5.17; cis: 5.2~
-- unknown: A read that shows credentials was not whole in the account of the identity.
-- remediation: Make new material for each client and switch the common one off everywhere.
SELECT
    if(len(flatten(list(c.unread))) = 0, 'open', 'unknown') AS verdict,
    c.tenant_id,
    c.account_id,
    c.identity_id,
    if(c.identity_id IS NULL, any_value(c.credential_id), NULL) AS credential_id,
    coalesce(c.identity_id, any_value(c.credential_id)) AS subject,
    any_value(c.holder) || ' is proven by material that other clients have too' AS title,
    any_value(c.holder) AS name,
    any_value(c.native_id) AS native_id,
    list(DISTINCT c.kind ORDER BY c.kind) AS kinds,
    list(DISTINCT c.fingerprint ORDER BY c.fingerprint) AS fingerprints,
    max(len(s.tenant_ids)) AS tenants_concerned,
    any_value(c.privilege) AS privilege,
    'other material in each client' AS would_change,
    list_distinct(flatten(list(c.rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(c.unread))).list_sort() AS unread
FROM shared AS s
JOIN installed_credentials AS c
    ON c.fingerprint = s.key AND list_contains(s.tenant_ids, c.tenant_id)
WHERE s.level = 'credential'
    AND NOT coalesce(s.sanctioned, false)
    AND c.status IN ('active', 'unknown')
-- material of the account as a whole (an identity provider) hangs on itself
GROUP BY
    c.tenant_id, c.account_id, c.identity_id, if(c.identity_id IS NULL, c.credential_id, NULL)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, name, identity_id
