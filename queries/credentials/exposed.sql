-- title: Credentials that were found in public
-- why: Whoever found it first may be using it; every hour it still works is theirs.
-- rule: CRD-07
-- severity: critical
-- frameworks: soc2: CC6.1, CC7.3; csf: DE.CM-09; owasp_nhi: NHI2:2025; nist_800_53: IA-5(7), IR-4;
--   iso_27001: 5.17, 5.26
-- unknown: The read that shows the credential was not whole.
-- remediation: Switch it off now, make another one where it is kept safe, and read what was done
--   with it since it was made; then take it out of where it was found, history included.
SELECT
    if(len(unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' of ' || holder
        || ' was found in public and still works' AS title,
    holder,
    native_id,
    kind,
    public_id,
    left(attributes ->> 'exposed', 200) AS found_at,
    created_at,
    last_used_at,
    usage,
    privilege,
    'switching it off' AS would_change,
    rests_on,
    unread
FROM installed_credentials
WHERE status IN ('active', 'unknown') AND (attributes ->> 'exposed') IS NOT NULL
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
