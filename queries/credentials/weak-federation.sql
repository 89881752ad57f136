-- title: Federations that let in more workloads than meant
-- why: A trust that names no single workload lets in whoever gets a token from the same issuer.
-- rule: CRD-06
-- severity: medium
-- frameworks: soc2: CC6.1, CC6.6; csf: PR.AA-03; owasp_nhi: NHI6:2025; nist_800_53: IA-9, AC-3;
--   iso_27001: 8.5
-- unknown: The read that shows the trust was not whole, or the trust could not be understood.
-- remediation: Demand the one subject that is meant (repository and branch or environment,
--   workspace, service account) and the audience, word for word: by StringEquals in a trust of AWS,
--   by the condition of the pool's provider and one principal:// in Google Cloud.
SELECT
    if(len(flatten(list(unread))) = 0 AND bool_or(verdict <> 'unknown'), 'open', 'unknown')
        AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    any_value(name) || ' trusts too many outside workloads' AS title,
    any_value(name) AS name,
    any_value(native_id) AS native_id,
    list(principal ORDER BY principal, trust_id) AS principals,
    list(verdict ORDER BY principal, trust_id) AS verdicts,
    list(guard ORDER BY principal, trust_id) AS guards,
    list(reason ORDER BY principal, trust_id) AS reasons,
    'a literal subject and audience in every statement' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM ways_in
WHERE (principal_kind IN ('oidc', 'end_users') AND verdict IN ('weak', 'open', 'unknown'))
    OR (principal_kind = 'unknown' AND verdict = 'unknown')
GROUP BY tenant_id, account_id, identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
