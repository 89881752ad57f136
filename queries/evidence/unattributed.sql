-- title: Controls whose shared tool cannot tell which client it worked for
-- why: One key patched twelve clients; where the log names nine, three have no proof.
-- rule: EVD-03
-- severity: medium
-- frameworks: soc2: CC2.1, CC4.1; csf: DE.AE-03, GV.SC-02; owasp_nhi: NHI9:2025~; nist_800_53: AU-10,
--   AU-16; iso_27001: 8.15
-- param: attribution_min_ratio number 0.95 least part of the operations that is attributed
-- unknown: No imported events of use of the shared tool reach into the time that is looked at: this
--   month so far and the month before, within the instance's period; and no evidence of the instance
--   from that time tells a ratio. Without any event, only a control that is due at least once in that
--   time is told to lack proof.
-- remediation: Import the tool's log (`nhiscan evidence add LOG --kind usage --from DATE --to DATE`), and
--   have it write the client and the ticket or job into every line: one key per client, session tags,
--   an ExternalId.
WITH links AS (
    SELECT
        l.instance_id,
        l.identity_id,
        i.tenant_id,
        t.client_group,
        i.frequency,
        i.file,
        i.line,
        coalesce(s.tool, l.identity_id) AS tool,
        greatest(
            CAST(i.period_start AS TIMESTAMPTZ), date_trunc('month', $now) - INTERVAL 1 MONTH
        ) AS from_at,
        least(CAST(i.period_end AS TIMESTAMPTZ), $now) AS to_at
    FROM control_links AS l
    JOIN control_instances AS i ON i.instance_id = l.instance_id
    JOIN tenants AS t ON t.tenant_id = i.tenant_id
    LEFT JOIN tools AS s ON s.identity_id = l.identity_id
    WHERE l.state IN ('linked', 'confirmed') AND i.responsibility <> 'n/a'
),
shared_ids AS (
    SELECT identity_id FROM links GROUP BY identity_id HAVING count(DISTINCT client_group) >= 2
    UNION
    SELECT unnest(s.identity_ids)
    FROM shared AS s
    WHERE s.level <> 'credential' AND coalesce(s.relation, '') NOT IN ('vendor', 'platform')
),
asked AS (
    SELECT l.*
    FROM links AS l
    JOIN shared_ids AS s ON s.identity_id = l.identity_id
    WHERE l.from_at < l.to_at
),
-- A log counts for the time that it tells of, not for all time.
counted AS (
    SELECT
        a.instance_id,
        a.identity_id,
        count(e.evidence_id) > 0 AS has_source,
        count(e.line) FILTER (e.is_in AND e.target_tenant_id = a.tenant_id) AS events,
        count(e.correlation) FILTER (e.is_in AND e.target_tenant_id = a.tenant_id) AS attributed,
        count(e.line) FILTER (e.is_in AND e.target_tenant_id IS NULL) AS events_of_no_client
    FROM asked AS a
    LEFT JOIN (
        SELECT u.*, x.instance_id, u.occurred_at >= x.from_at AND u.occurred_at < x.to_at AS is_in
        FROM tool_events AS u
        JOIN (SELECT DISTINCT instance_id, tool, from_at, to_at FROM asked) AS x
            ON x.tool = u.tool AND u.starts < x.to_at AND u.ends >= x.from_at
    ) AS e ON e.instance_id = a.instance_id AND e.tool = a.tool
    GROUP BY a.instance_id, a.identity_id
),
told AS (
    -- a ratio that somebody else counted, from the newest evidence of that time that tells one
    SELECT e.instance_id, max_by(e.attribution_ratio, e.collected_at) AS told_ratio
    FROM evidence AS e
    JOIN (SELECT DISTINCT instance_id, from_at, to_at FROM asked) AS x
        ON x.instance_id = e.instance_id
        AND coalesce(e.period_end, e.collected_at) > x.from_at
        AND coalesce(e.period_start, e.collected_at) <= x.to_at
    WHERE e.attribution_ratio IS NOT NULL
    GROUP BY e.instance_id
),
judged AS (
    SELECT
        a.*,
        c.* EXCLUDE (instance_id, identity_id),
        coalesce(c.attributed / nullif(c.events, 0), r.told_ratio) AS ratio,
        -- due at least once in a month and a half, if all of it lies in the control's period
        coalesce(
            a.to_at - a.from_at >= CASE a.frequency
                WHEN 'daily' THEN INTERVAL 2 DAY
                WHEN 'weekly' THEN INTERVAL 14 DAY
                WHEN 'monthly' THEN INTERVAL 31 DAY
            END,
            false
        ) AS is_due,
        CASE
            WHEN ratio < $attribution_min_ratio THEN 'open'
            WHEN ratio IS NOT NULL THEN 'fine'
            WHEN NOT c.has_source THEN 'unknown'
            -- the tool worked, and nobody can tell that it was not for this client
            WHEN is_due OR c.events_of_no_client > 0 THEN 'open'
            ELSE 'fine'
        END AS state
    FROM asked AS a
    JOIN counted AS c ON c.instance_id = a.instance_id AND c.identity_id = a.identity_id
    LEFT JOIN told AS r ON r.instance_id = a.instance_id
)
SELECT
    j.state AS verdict,
    j.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    j.instance_id,
    j.identity_id,
    j.instance_id || ' ' || j.identity_id AS subject,
    CASE
        WHEN j.state = 'unknown'
            THEN 'nothing tells what ' || i.name || ' did for ' || j.instance_id
        WHEN j.ratio IS NULL
            THEN 'no use of ' || i.name || ' can be attributed to ' || j.instance_id
        ELSE 'too little use of ' || i.name || ' can be attributed to ' || j.instance_id
    END AS title,
    i.name,
    j.events,
    j.attributed,
    j.events_of_no_client,
    round(j.ratio, 4) AS ratio,
    CAST(j.from_at AT TIME ZONE 'UTC' AS DATE) AS from_day,
    j.file,
    j.line,
    'a log that names client and ticket in every line' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    if(
        j.state = 'unknown',
        ['usage: no imported events of this identity reach into the last two months'],
        []
    ) AS unread
FROM judged AS j
JOIN identities AS i ON i.identity_id = j.identity_id
WHERE j.state <> 'fine'
ORDER BY j.tenant_id, j.instance_id, j.identity_id
