-- title: Consents that nothing uses
-- why: A permission that somebody once consented to stays open for whoever gets hold of the
--   application, long after it stopped being needed.
-- rule: PRV-01
-- severity: low
-- frameworks: soc2: CC6.3; csf: PR.AA-05; owasp_nhi: NHI5:2025; nist_800_53: AC-6, AC-6(7);
--   iso_27001: 8.2, 8.3; cis: 6.8
-- param: shortest_window integer 30 days that a record of use must look back for absence to count
-- unknown: A read that shows last use was not whole, or it holds live credentials whose use the
--   platform does not record. What the platform cannot tell at all is in usage-unknown.
-- remediation: Ask the owner what needs the application; withdraw the consent, and delete the
--   application after a quiet period.
WITH idle AS (
    SELECT
        *,
        -- Absent from a record that was read whole: not used within its window.
        usage = 'unknown'
        AND last_used_at IS NULL
        AND usage_window_days >= $shortest_window
        AND coalesce(created_at, first_seen) < $now - to_days(CAST(usage_window_days AS INTEGER))
            AS outside_window
    FROM governed
    WHERE coalesce(created_at, first_seen) < $now - to_days($dormant_days)
),
consented AS (
    -- `via` tells consents from roles: these are the ways by which applications get permissions.
    SELECT
        identity_id,
        list(DISTINCT role ORDER BY role) AS permissions,
        list(DISTINCT scope ORDER BY scope) AS scopes,
        list(DISTINCT via ORDER BY via) AS via,
        list(DISTINCT source || ' (' || region || ')') AS read_in
    FROM grants
    WHERE (via IN ('app role', 'consent') OR via LIKE 'delegated%')
        AND verdict IN ('granted', 'scoped', 'unknown')
    GROUP BY identity_id
)
SELECT
    if(len(i.usage_unread) + i.untraced = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' does not use what was consented to' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    c.permissions,
    c.scopes,
    c.via,
    i.owner_id,
    i.created_at,
    i.last_used_at,
    coalesce(i.usage_note, 'last use over the identity and all its credentials') AS usage_note,
    i.untraced AS credentials_of_untraced_use,
    'any use, or the consent withdrawn' AS would_change,
    list_distinct(i.usage_rests_on || c.read_in).list_sort() AS rests_on,
    i.usage_unread AS unread
FROM idle AS i
JOIN consented AS c ON c.identity_id = i.identity_id
WHERE (i.usage = 'known' AND i.last_used_at < $now - to_days($dormant_days))
    OR i.usage = 'never'
    OR i.outside_window
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('usage', 'privilege')
ORDER BY tenant_id, account_id, name, identity_id
