-- title: Identities that were approved once and never looked at, used or renewed since
-- why: R22: approval starts a life, it does not prove one; what nobody used, reviewed or rotated in
--   half a year runs on a decision that nobody remembers.
-- rule: LIF-08
-- severity: low
-- frameworks: soc2: CC6.2, CC8.1; csf: PR.AA-01, ID.RA-07; nist_800_53: AC-2, CM-3; iso_27001: 5.16,
--   8.32; cis: 6.1
-- unknown: Nothing tells whether it was used, or the reads that show use or credentials were not
--   whole. Identities without any approval are in LIF-06.
-- remediation: Review it: keep it with a reason, renew its credentials, or revoke it; `nhiscan
--   lifecycle` shows what is proven and what is missing.
WITH lives AS (
    SELECT
        s.identity_id,
        max(s.happened_at) FILTER (s.stage = 'approved') AS approved_at,
        max(s.happened_at) FILTER (s.stage = 'used') AS used_at,
        max(s.happened_at) FILTER (s.stage = 'reviewed' AND s.is_sound) AS reviewed_at,
        max(s.happened_at) FILTER (s.stage = 'rotated') AS rotated_at
    FROM lifecycle_stages AS s
    GROUP BY s.identity_id
),
blind AS (
    SELECT b.tenant_id, b.account_id, list_distinct(flatten(list(b.unread))) AS unread
    FROM blind_spots AS b
    WHERE b.topic = 'credentials'
    GROUP BY b.tenant_id, b.account_id
),
told AS (
    SELECT
        i.*,
        l.approved_at,
        l.used_at,
        l.reviewed_at,
        l.rotated_at,
        list_distinct(list_concat(
            i.usage_unread,
            coalesce(b.unread, CAST([] AS VARCHAR[])),
            if(l.used_at IS NULL AND i.usage IN ('unknown', 'unsupported') OR i.untraced > 0,
                ['use of ' || i.native_id || ': no source tells it'], CAST([] AS VARCHAR[]))
        )) AS not_known
    FROM governed AS i
    JOIN lives AS l ON l.identity_id = i.identity_id
    LEFT JOIN blind AS b ON b.tenant_id = i.tenant_id AND b.account_id = i.account_id
    WHERE greatest(l.approved_at, l.used_at, l.reviewed_at, l.rotated_at)
        < $now - to_days(CAST($lifecycle_days AS INTEGER))
        AND l.approved_at IS NOT NULL
)
SELECT
    if(len(not_known) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    name || ' was approved, and nothing shows its life since' AS title,
    name,
    native_id,
    approved_at,
    used_at AS last_used_at,
    reviewed_at,
    rotated_at,
    'a use, a review or a rotation' AS would_change,
    usage_rests_on AS rests_on,
    not_known AS unread
FROM told
ORDER BY tenant_id, account_id, name, identity_id
