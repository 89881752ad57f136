-- title: Credentials that never expire
-- why: What has no end works for whoever copied it, long after everybody forgot that it exists.
-- rule: CRD-02
-- severity: low
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI7:2025; nist_800_53: IA-5, SC-12;
--   iso_27001: 5.17, 8.24; cis: 5.2~
-- unknown: The read that shows the credential was not whole.
-- remediation: Replace it by a federation, or by one with an end that somebody is told of in time.
SELECT
    if(len(unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' of ' || holder
        || ' never expires' AS title,
    holder,
    native_id,
    kind,
    public_id,
    created_at,
    expires_at,
    last_used_at,
    usage,
    privilege,
    'an end' AS would_change,
    rests_on,
    unread
FROM installed_credentials
WHERE status IN ('active', 'unknown')
    -- of the kinds that their platform gives an end, if one asks for it
    AND kind IN ('client_secret', 'certificate', 'service_account_key')
    AND (attributes ->> 'never_expires') = 'true'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
