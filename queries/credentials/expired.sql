-- title: Expired credentials that are still installed
-- why: What needed it has failed or moved on; renewing it by mistake brings it back to life.
-- rule: CRD-08
-- severity: low
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI7:2025~, NHI1:2025~; nist_800_53: IA-5,
--   SC-12; iso_27001: 5.17, 8.24; cis: 5.2~
-- unknown: The read that shows the credential was not whole.
-- remediation: Check that nothing fails for want of it, then delete it.
SELECT
    if(len(unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' of ' || holder
        || ' has expired and is still installed' AS title,
    holder,
    native_id,
    kind,
    public_id,
    status,
    created_at,
    expires_at,
    last_used_at,
    'its deletion, or a renewal' AS would_change,
    rests_on,
    unread
FROM installed_credentials
WHERE (status = 'expired' OR expires_at <= $now)
    -- the term of a right that has ended leaves nothing installed
    AND kind <> 'delegation'
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
