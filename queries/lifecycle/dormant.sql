-- title: Identities not used for long
-- why: Nobody misses what nobody uses, until somebody else uses it.
-- rule: LIF-01
-- severity: low
-- frameworks: soc2: CC6.2, CC6.3; csf: PR.AA-01, ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53:
--   AC-2(3); iso_27001: 5.18; cis: 5.3
-- unknown: A read that shows last use was not whole, or it holds live credentials whose use the
--   platform does not record. What the platform cannot tell at all is in usage-unknown.
-- remediation: Ask the owner what needs it, disable it, and delete it after a quiet period. What is
--   meant to rest gets the tag expected-frequency (quarterly, annual, break-glass), or is named in
--   the control matrix as what operates a control of that frequency.
WITH patient AS (
    SELECT
        i.*,
        r.reasons AS rests_because,
        greatest($dormant_days, coalesce(r.days, 0)) AS may_rest_days
    FROM governed AS i
    LEFT JOIN rests AS r ON r.identity_id = i.identity_id
),
idle AS (
    SELECT
        *,
        -- A record of use may look back only so far (AWS roles: 400 days, less in newer regions).
        -- Empty there means not used in that window: dormant, and not "never used".
        usage = 'unknown'
        AND last_used_at IS NULL
        AND usage_window_days >= may_rest_days
        AND created_at < $now - to_days(CAST(usage_window_days AS INTEGER)) AS outside_window
    FROM patient
    WHERE coalesce(created_at, first_seen) < $now - to_days(may_rest_days)
)
SELECT
    if(len(usage_unread) + untraced = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    name || ' is dormant' AS title,
    name,
    native_id,
    kind,
    class,
    privilege,
    owner_id,
    created_at,
    last_used_at,
    coalesce(usage_note, 'last use over the identity and all its credentials') AS usage_note,
    may_rest_days,
    rests_because,
    untraced AS credentials_of_untraced_use,
    'any use' AS would_change,
    usage_rests_on AS rests_on,
    usage_unread AS unread
FROM idle
WHERE (usage = 'known' AND last_used_at < $now - to_days(may_rest_days)) OR outside_window
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'usage'
ORDER BY tenant_id, account_id, name, identity_id
