-- title: Rights of principals that no longer exist
-- why: Nobody reviews what belongs to nobody; and where names are used again, so is the right.
-- rule: LIF-04
-- severity: low
-- frameworks: soc2: CC6.2; csf: ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53: AC-2, CM-8;
--   iso_27001: 5.11, 5.18; cis: 6.2
-- unknown: The account's identities were not all read, so the principal may be one of those; or the
--   read that shows the grant was not whole.
-- remediation: Remove the grants. What was made while the account was being read is gone from here
--   after the next scan.
WITH blind AS (
    SELECT tenant_id, account_id, flatten(list(unread)) AS unread
    FROM blind_spots
    WHERE topic = 'identities'
    GROUP BY tenant_id, account_id
),
dangling AS (
    SELECT
        g.*,
        coalesce(
            o.unread, [g.source || ' (' || g.region || '): not asked at the last scan']
        ) AS grant_unread
    FROM grants AS g
    LEFT JOIN read_spots AS o
        ON o.tenant_id = g.tenant_id
        AND o.account_id = g.account_id
        AND o.source = g.source
        AND o.region = g.region
    WHERE NOT EXISTS (SELECT 1 FROM identities AS i WHERE i.identity_id = g.identity_id)
),
held AS (
    SELECT
        tenant_id,
        account_id,
        identity_id,
        any_value(principal) AS principal,
        list(DISTINCT role ORDER BY role) AS roles,
        list(DISTINCT via ORDER BY via) AS via,
        list(DISTINCT scope ORDER BY scope) AS scopes,
        list(DISTINCT action_class ORDER BY action_class) AS action_classes,
        list(DISTINCT source || ' (' || region || ')') AS rests_on,
        flatten(list(grant_unread)) AS unread
    FROM dangling
    GROUP BY tenant_id, account_id, identity_id
)
SELECT
    if(len(h.unread) + len(coalesce(b.unread, [])) = 0, 'open', 'unknown') AS verdict,
    h.tenant_id,
    h.account_id,
    h.identity_id,
    h.identity_id AS subject,
    coalesce(h.principal, h.identity_id) || ' holds rights and no longer exists' AS title,
    h.principal,
    h.roles,
    h.via,
    h.scopes,
    h.action_classes,
    'the grants removed, or the principal found' AS would_change,
    h.rests_on.list_sort() AS rests_on,
    list_distinct(h.unread || coalesce(b.unread, [])).list_sort() AS unread
FROM held AS h
LEFT JOIN blind AS b ON b.tenant_id = h.tenant_id AND b.account_id = h.account_id
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
ORDER BY tenant_id, account_id, principal, identity_id
