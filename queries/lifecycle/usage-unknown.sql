-- title: Identities whose last use nobody can tell
-- why: No data is not "never used": these are in neither list, and each says what would tell.
-- unknown: Every row; unread names the reads that were not whole, and is empty where the platform
--   itself does not record use.
SELECT
    'unknown' AS verdict,
    tenant_id,
    account_id,
    identity_id,
    name,
    native_id,
    kind,
    class,
    privilege,
    owner_id,
    created_at,
    usage,
    usage_note,
    usage_unread AS unread
FROM governed
WHERE usage IN ('unknown', 'unsupported')
    AND NOT coalesce(
        usage = 'unknown'
        AND usage_window_days >= $dormant_days
        AND created_at < $now - to_days(CAST(usage_window_days AS INTEGER)),
        false
    )
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title AS usage_note, unread
FROM blind_spots
WHERE topic = 'usage'
ORDER BY tenant_id, account_id, name, identity_id
