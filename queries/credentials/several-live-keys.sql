-- title: Identities with several live keys of one kind
-- why: A second key is for the days of a rotation; one that stays is a copy that nobody watches.
-- rule: CRD-04
-- severity: low
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI7:2025; nist_800_53: IA-5; iso_27001: 5.17
-- param: overlap_days integer 7 days for which a rotation may keep both keys alive
-- unknown: The read that shows the keys was not whole.
-- remediation: Find which key is used, switch the other off, and delete it after a quiet period.
SELECT
    if(len(flatten(list(unread))) = 0 AND bool_and(status = 'active'), 'open', 'unknown')
        AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id || '/' || kind AS subject,
    any_value(holder) || ' has several live credentials of kind ' || replace(kind, '_', ' ')
        AS title,
    any_value(holder) AS holder,
    any_value(native_id) AS native_id,
    kind,
    count(*) AS live,
    list(public_id ORDER BY created_at, credential_id) AS public_ids,
    min(created_at) AS oldest_created_at,
    max(created_at) AS newest_created_at,
    max(last_used_at) AS last_used_at,
    any_value(privilege) AS privilege,
    'all but one of them switched off' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM installed_credentials
WHERE identity_id IS NOT NULL
    AND status IN ('active', 'unknown')
    AND kind IN (
        'access_key', 'client_secret', 'service_account_key', 'hmac_key', 'api_key', 'token'
    )
    -- a storage account always has two keys: the second is the platform's, not somebody's
    AND identity_id NOT IN (
        SELECT i.identity_id FROM identities AS i WHERE i.native_type = 'azure.storage_account'
    )
GROUP BY tenant_id, account_id, identity_id, kind
HAVING count(*) > 1
    AND coalesce(max(created_at) < $now - to_days($overlap_days), true)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, identity_id, kind
