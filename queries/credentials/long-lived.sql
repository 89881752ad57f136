-- title: Credentials made to last too long
-- why: Its end is so far away that nobody will be there to notice it, and until then every copy
--   works.
-- rule: CRD-03
-- severity: low
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI7:2025; nist_800_53: IA-5, SC-12;
--   iso_27001: 5.17, 8.24; cis: 5.2~
-- param: longest_term integer 397 days from the making of a credential to its end
-- unknown: The read that shows the credential was not whole. What has no end at all is in
--   never-expiring, what is past its age in unrotated, and what others planted in
--   foreign-credentials.
-- remediation: Make the next one for a year at most, and renew it in time; better still, replace it
--   by a federation that needs no lasting secret.
SELECT
    if(len(unread) = 0 AND status = 'active', 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' of ' || holder
        || ' was made to last too long' AS title,
    holder,
    native_id,
    kind,
    public_id,
    created_at,
    expires_at,
    date_diff('day', created_at, expires_at) AS term_days,
    $longest_term AS longest_term_days,
    privilege,
    'a new one with a nearer end, and this one deleted' AS would_change,
    rests_on,
    unread
FROM installed_credentials
WHERE status IN ('active', 'unknown')
    -- a delegation is a right and no secret; what logs in to a console has a policy of its own
    AND kind IN (
        'client_secret', 'certificate', 'service_account_key', 'service_specific', 'ssh_key',
        'token', 'api_key'
    )
    -- where an end is a date that stands for none, never-expiring tells
    AND (attributes ->> 'never_expires') IS DISTINCT FROM 'true'
    -- nobody should renew what somebody planted
    AND coalesce(
        identity_id NOT IN (
            SELECT i.identity_id FROM identities AS i WHERE i.home_account_id <> i.account_id
        ),
        true
    )
    -- what the platform signs its tokens with, it keeps to itself
    AND NOT coalesce(contains(attributes ->> 'usage', 'sign'), false)
    AND expires_at > $now
    -- made at a time that nobody tells, it lasts at least from now
    AND expires_at > coalesce(created_at, $now) + to_days($longest_term)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, credential_id
