-- title: Live credentials older than they may be
-- why: Every copy that was ever made of it still works, whoever has it now.
-- rule: CRD-01
-- severity: medium
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI7:2025; nist_800_53: IA-5, SC-12;
--   iso_27001: 5.17, 8.24; cis: 5.2~
-- unknown: The read that shows the credential was not whole, or its age is not known.
-- remediation: Make a second credential, move its users over, switch the old one off, then delete
--   it; better still, replace it by a federation that needs no lasting secret.
WITH aged AS (
    SELECT
        *,
        CASE kind
            WHEN 'access_key' THEN $access_key_max_age
            WHEN 'client_secret' THEN $client_secret_max_age
            WHEN 'service_account_key' THEN $service_account_key_max_age
            WHEN 'hmac_key' THEN $service_account_key_max_age
            WHEN 'certificate' THEN $certificate_max_age
            WHEN 'service_specific' THEN $service_specific_max_age
            WHEN 'ssh_key' THEN $ssh_key_max_age
            WHEN 'secret' THEN $secret_max_age
            WHEN 'token' THEN $token_max_age
            WHEN 'api_key' THEN $api_key_max_age
        END AS max_age
    FROM installed_credentials
    -- A person's access key is a machine's credential all the same; root's have their own rule.
    WHERE status IN ('active', 'unknown') AND identity_kind IS DISTINCT FROM 'root'
)
SELECT
    if(len(unread) = 0 AND created_at IS NOT NULL AND status = 'active', 'open', 'unknown')
        AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' of ' || holder
        || ' was not rotated in time' AS title,
    holder,
    native_id,
    kind,
    public_id,
    created_at,
    date_diff('day', created_at, $now) AS age_days,
    max_age AS max_age_days,
    last_used_at,
    usage,
    privilege,
    if(created_at IS NULL, 'its date of creation', 'a rotation, or its deletion') AS would_change,
    rests_on,
    unread
FROM aged
WHERE max_age IS NOT NULL
    AND coalesce(created_at < $now - to_days(max_age), true)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
