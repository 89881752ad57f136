-- title: One identity for several workloads
-- why: When one of them is broken into, all are; and no log tells which of them did it.
-- rule: SHR-01
-- severity: low
-- frameworks: soc2: CC6.1, CC6.3; csf: PR.AA-01; owasp_nhi: NHI9:2025; nist_800_53: AC-2(9), IA-4;
--   iso_27001: 5.16
-- param: used_days integer 30 days in which it must have been used; unknown use counts
-- unknown: The read that shows who may act as it, or its use, was not whole. Workloads are told apart
--   where something names them: a federation its repository or account in a cluster, an agent what
--   it acts as, and a key that lies with several identities of the client. Which hosts hold copies of
--   one key, no platform tells.
-- remediation: Give each workload an identity of its own, with the rights that it alone needs.
WITH subjects AS (
    -- one trust may name several: issuer, a blank or a bar, and its subjects
    SELECT
        identity_id,
        regexp_extract(principal, '^[^ |]+') AS issuer,
        issuer || ' ' || unnest(string_split(substr(principal, len(issuer) + 2), ', '))
            AS principal,
        rests_on,
        unread
    FROM ways_in
    WHERE principal_kind = 'oidc'
        AND verdict IN ('guarded', 'weak', 'open')
        -- one that is named; patterns are in weak-federation
        AND regexp_matches(principal, '[ |]|/subject/')
),
named AS (
    SELECT
        identity_id,
        -- branches and environments of one repository are one workload
        coalesce(
            nullif(lower(regexp_extract(principal, 'repo:[^:*?]+(:|$)')), ''),
            nullif(lower(regexp_extract(principal, 'project_path:[^:*?]+(:|$)')), ''),
            principal
        ) AS workload,
        trim(principal) AS told,
        rests_on,
        unread
    FROM subjects
    WHERE NOT regexp_matches(workload, '[*?]')
),
acting AS (
    SELECT
        s.identity_id,
        'agent ' || coalesce(a.immutable_id, a.native_id) AS workload,
        'agent ' || a.name AS told,
        [a.source || ' (' || a.region || ')'] AS rests_on,
        []::VARCHAR[] AS unread
    FROM identities AS a
    JOIN identities AS s
        ON s.tenant_id = a.tenant_id
        AND s.account_id = a.account_id
        AND s.native_id = a.attributes ->> 'acts_as'
    WHERE a.kind IN ('ai_agent', 'workload', 'bot')
),
held AS (
    SELECT
        c.*,
        t.client_group,
        coalesce(i.part_of, c.identity_id) AS whole_id
    FROM installed_credentials AS c
    JOIN identities AS i ON i.identity_id = c.identity_id
    JOIN tenants AS t ON t.tenant_id = c.tenant_id
    WHERE c.status IN ('active', 'unknown')
        AND c.fingerprint IS NOT NULL
        -- one workload may enter several identities; that is no copy of anything
        AND c.kind NOT IN ('federated_trust', 'oidc_provider', 'saml_provider', 'delegation')
),
copies AS (
    -- a few of them say enough, where a thousand hold the same
    SELECT
        fingerprint,
        client_group,
        list({'id': whole_id, 'name': holder} ORDER BY holder, whole_id)[:20] AS holders
    FROM (
        SELECT fingerprint, client_group, whole_id, min(holder) AS holder
        FROM held
        GROUP BY ALL
    )
    GROUP BY fingerprint, client_group
    HAVING count(*) > 1
),
copied AS (
    SELECT
        identity_id,
        one.id AS workload,
        one.name || ', by the same ' || kind AS told,
        rests_on,
        unread
    FROM (
        SELECT
            h.identity_id,
            h.kind,
            unnest(c.holders || [{'id': h.whole_id, 'name': h.holder}]) AS one,
            h.rests_on,
            h.unread
        FROM held AS h
        JOIN copies AS c
            ON c.fingerprint = h.fingerprint AND c.client_group = h.client_group
    )
),
workloads AS (
    SELECT
        identity_id,
        count(DISTINCT workload) AS workloads,
        list(DISTINCT told ORDER BY told) AS used_by,
        flatten(list(rests_on)) AS rests_on,
        flatten(list(unread)) AS unread
    FROM (
        SELECT * FROM named
        UNION ALL
        SELECT * FROM acting
        UNION ALL
        SELECT * FROM copied
    )
    GROUP BY identity_id
    HAVING count(DISTINCT workload) > 1
),
used AS (
    -- a registration is used when the principal that acts for it is
    SELECT p.identity_id, g.* EXCLUDE (identity_id)
    FROM identities AS p
    LEFT JOIN governed AS w ON w.identity_id = p.part_of
    JOIN governed AS g ON g.identity_id = coalesce(w.identity_id, p.identity_id)
)
SELECT
    if(len(w.unread) + len(i.unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' is one identity for several workloads' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    w.workloads,
    w.used_by,
    i.last_used_at,
    'an identity for each workload' AS would_change,
    list_distinct(i.rests_on || w.rests_on).list_sort() AS rests_on,
    list_distinct(i.unread || w.unread).list_sort() AS unread
FROM used AS i
JOIN workloads AS w ON w.identity_id = i.identity_id
-- what nothing used is shared by nobody; not read whole, it may have been used
WHERE len(i.usage_unread) + i.untraced > 0
    OR NOT coalesce(i.usage = 'never' OR i.last_used_at < $now - to_days($used_days), false)
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('credentials', 'trusts')
ORDER BY tenant_id, account_id, name, identity_id
