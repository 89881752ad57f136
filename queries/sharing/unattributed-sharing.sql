-- title: Agreed sharing across clients that leaves no trail per client
-- why: Every client signed that the tool is shared; none of them agreed that nobody can tell for whom
--   it acted.
-- rule: SHR-03
-- severity: medium
-- frameworks: soc2: CC6.1, CC7.2, CC9.2; csf: GV.SC-02, DE.CM-06; owasp_nhi: NHI9:2025;
--   nist_800_53: AU-10, AU-16; iso_27001: 5.23, 8.15; cis: 15.6
-- param: attribution_min_ratio number 0.95 least part of the events that is attributed
-- unknown: No imported events of its use reach into the time that is looked at: this month so far and
--   the month before.
-- remediation: Have the tool write the client and the ticket or job into every line of its log, and
--   import it as evidence of kind usage.
WITH sharing AS (
    SELECT DISTINCT unnest(identity_ids) AS identity_id, level, key
    FROM shared
    WHERE sanctioned AND level <> 'credential'
),
counted AS (
    SELECT
        s.identity_id,
        list(DISTINCT s.level ORDER BY s.level) AS levels,
        list(DISTINCT s.key ORDER BY s.key) AS shared_keys
    FROM sharing AS s
    GROUP BY s.identity_id
),
used AS (
    SELECT
        c.identity_id,
        count(u.line) AS lines,
        count(u.line) FILTER (u.is_in) AS events,
        count(u.line) FILTER (
            u.is_in AND u.correlation IS NOT NULL AND u.target_tenant_id IS NOT NULL
        ) AS attributed
    FROM counted AS c
    LEFT JOIN tools AS t ON t.identity_id = c.identity_id
    LEFT JOIN (
        SELECT
            *,
            occurred_at >= date_trunc('month', $now) - INTERVAL 1 MONTH AND occurred_at < $now
                AS is_in
        FROM tool_events
        -- a log counts for the time that it tells of
        WHERE starts < $now AND ends >= date_trunc('month', $now) - INTERVAL 1 MONTH
    ) AS u ON u.tool = coalesce(t.tool, c.identity_id)
    GROUP BY c.identity_id
),
judged AS (
    SELECT
        c.*,
        u.events,
        u.attributed,
        u.attributed / nullif(u.events, 0) AS ratio,
        u.lines > 0 AS has_source
    FROM counted AS c
    JOIN used AS u ON u.identity_id = c.identity_id
)
SELECT
    if(j.has_source, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || if(
        j.has_source,
        ' is shared as agreed, and too little of its use is attributed to a client',
        ' is shared as agreed, and nothing tells what it did for whom'
    ) AS title,
    i.name,
    i.native_id,
    j.levels,
    j.shared_keys,
    j.events,
    j.attributed,
    round(j.ratio, 4) AS ratio,
    'a log that names client and ticket in every line' AS would_change,
    [i.source || ' (' || i.region || ')'] AS rests_on,
    if(
        j.has_source,
        [],
        ['usage: no imported events of this identity reach into the last two months']
    ) AS unread
FROM judged AS j
JOIN identities AS i ON i.identity_id = j.identity_id
WHERE NOT j.has_source OR j.ratio < $attribution_min_ratio
ORDER BY i.tenant_id, i.account_id, i.name, i.identity_id
