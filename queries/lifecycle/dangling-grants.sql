-- title: Rights of principals that no longer exist
-- why: Nobody reviews what belongs to nobody; and where names are used again, so is the right.
-- rule: LIF-04
-- severity: low
-- frameworks: soc2: CC6.2; csf: ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53: AC-2, CM-8;
--   iso_27001: 5.11, 5.18; cis: 6.2
-- unknown: The account's identities were not all read, so the principal may be one of those; or the
--   read that shows the grant was not whole; or only one scan has seen it so: what is made while the
--   account is being read looks the same. One is enough where the platform itself calls the principal
--   deleted, or the grant is older than what a platform takes to show a new principal everywhere.
-- param: settled_days integer 2 days after which a grant can be none to a principal just made
-- remediation: Remove the grants.
WITH blind AS (
    SELECT tenant_id, account_id, flatten(list(unread)) AS unread
    FROM blind_spots
    WHERE topic = 'identities'
    GROUP BY tenant_id, account_id
),
readings AS (
    -- scans that would have shown who holds the grant
    SELECT tenant_id, account_id, recorded_at
    FROM coverage
    WHERE source IN (SELECT p.source FROM premises AS p WHERE p.topic = 'identities')
    GROUP BY tenant_id, account_id, recorded_at
    HAVING bool_and(state IN ('complete', 'not_available'))
),
dangling AS (
    SELECT
        g.*,
        coalesce(
            o.unread, [g.source || ' (' || g.region || '): not asked at the last scan']
        ) AS grant_unread
    FROM grants_history AS g
    LEFT JOIN read_spots AS o
        ON o.tenant_id = g.tenant_id
        AND o.account_id = g.account_id
        AND o.source = g.source
        AND o.region = g.region
    WHERE NOT EXISTS (SELECT 1 FROM identities AS i WHERE i.identity_id = g.identity_id)
        AND g.verdict <> 'denied'
        AND g.valid_to IS NULL
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
        flatten(list(grant_unread)) AS unread,
        min(valid_from) AS seen_since,
        min(created_at) AS created_at,
        bool_or(coalesce(starts_with(principal, 'deleted:'), false)) AS called_deleted
    FROM dangling
    GROUP BY tenant_id, account_id, identity_id
),
told AS (
    SELECT
        h.*,
        list_distinct(
            h.unread
            || coalesce(b.unread, [])
            || if(
                NOT h.called_deleted
                AND NOT coalesce(h.created_at < h.seen_since - to_days($settled_days), false)
                AND (
                    SELECT count(*)
                    FROM readings AS r
                    WHERE r.tenant_id = h.tenant_id
                        AND r.account_id = h.account_id
                        AND r.recorded_at >= h.seen_since
                ) < 2,
                ['seen by one scan only: the next one tells whether it is so'],
                []
            )
        ).list_sort() AS doubts
    FROM held AS h
    LEFT JOIN blind AS b ON b.tenant_id = h.tenant_id AND b.account_id = h.account_id
)
SELECT
    if(len(h.doubts) = 0, 'open', 'unknown') AS verdict,
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
    h.created_at,
    'the grants removed, or the principal found' AS would_change,
    h.rests_on.list_sort() AS rests_on,
    h.doubts AS unread
FROM told AS h
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
ORDER BY tenant_id, account_id, principal, identity_id
