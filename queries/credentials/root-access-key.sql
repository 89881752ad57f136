-- title: Root users with live access keys
-- why: No policy limits root; a key of it opens everything from anywhere, without a second factor.
-- rule: CRD-09
-- severity: critical
-- frameworks: soc2: CC6.1, CC6.3; csf: PR.AA-01, PR.AA-05; owasp_nhi: NHI5:2025, NHI7:2025~;
--   nist_800_53: AC-6, IA-5; iso_27001: 8.2, 5.17; cis: 5.4
-- unknown: Neither of the two reads that show root's keys was whole, or the one that showed a key
--   before was not whole this time.
-- remediation: Move what uses the key to a role, delete the key, and keep root for emergencies.
SELECT
    if(len(unread) = 0 AND status = 'active', 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    'the root user of ' || account_id || ' has a live access key' AS title,
    holder,
    native_id,
    public_id,
    created_at,
    last_used_at,
    usage,
    privilege,
    'its deletion' AS would_change,
    rests_on,
    unread
FROM installed_credentials
WHERE identity_kind = 'root' AND kind = 'access_key' AND status IN ('active', 'unknown')
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    tenant_id,
    account_id,
    'whether root of ' || account_id || ' has access keys could not be read' AS title,
    flatten(list(unread ORDER BY source)) AS unread
FROM blind_spots
WHERE topic = 'root'
GROUP BY tenant_id, account_id
-- either read tells; a source that premises does not know counts for everything
HAVING count(*) > 1 OR bool_or(source NOT IN (SELECT premises.source FROM premises))
ORDER BY tenant_id, account_id, credential_id
