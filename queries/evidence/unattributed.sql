-- title: Controls whose shared tool cannot tell which client it worked for
-- why: One key patched twelve clients; where the log names nine, three have no proof.
-- rule: EVD-03
-- severity: medium
-- frameworks: soc2: CC2.1, CC4.1; csf: DE.AE-03, GV.SC-02; owasp_nhi: NHI9:2025~; nist_800_53: AU-10,
--   AU-16; iso_27001: 8.15
-- param: attribution_min_ratio number 0.95 least part of the operations that is attributed
-- unknown: No events of use of the shared identity were ever imported, and no evidence of the instance
--   tells a ratio. Looked at are this month so far and the month before, within the instance's period.
-- remediation: Import the tool's log (`nhiscan evidence add LOG --kind usage`), and have it write the
--   client and the ticket or job into every line: one key per client, session tags, an ExternalId.
WITH links AS (
    SELECT
        l.instance_id,
        l.identity_id,
        i.tenant_id,
        t.client_group,
        i.frequency,
        i.file,
        i.line,
        greatest(
            CAST(i.period_start AS TIMESTAMPTZ), date_trunc('month', $now) - INTERVAL 1 MONTH
        ) AS from_at,
        least(CAST(i.period_end AS TIMESTAMPTZ), $now) AS to_at
    FROM control_links AS l
    JOIN control_instances AS i ON i.instance_id = l.instance_id
    JOIN tenants AS t ON t.tenant_id = i.tenant_id
    WHERE l.state IN ('linked', 'confirmed')
),
shared_ids AS (
    SELECT identity_id FROM links GROUP BY identity_id HAVING count(DISTINCT client_group) >= 2
    UNION
    SELECT unnest(s.identity_ids)
    FROM shared AS s
    WHERE s.level <> 'credential' AND coalesce(s.relation, '') NOT IN ('vendor', 'platform')
),
known AS (
    SELECT DISTINCT identity_id FROM usage_events WHERE identity_id IS NOT NULL
),
told AS (
    -- a ratio that somebody else counted, from the newest evidence that tells one
    SELECT instance_id, max_by(attribution_ratio, collected_at) AS ratio
    FROM evidence
    WHERE attribution_ratio IS NOT NULL AND instance_id IS NOT NULL
    GROUP BY instance_id
),
counted AS (
    SELECT
        l.*,
        k.identity_id IS NOT NULL AS has_source,
        r.ratio AS told_ratio,
        (
            SELECT count(*)
            FROM usage_events AS u
            WHERE u.identity_id = l.identity_id
                AND u.target_tenant_id = l.tenant_id
                AND u.occurred_at >= l.from_at
                AND u.occurred_at < l.to_at
        ) AS events,
        (
            SELECT count(*)
            FROM usage_events AS u
            WHERE u.identity_id = l.identity_id
                AND u.target_tenant_id = l.tenant_id
                AND u.correlation IS NOT NULL
                AND u.occurred_at >= l.from_at
                AND u.occurred_at < l.to_at
        ) AS attributed,
        (
            SELECT count(*)
            FROM usage_events AS u
            WHERE u.identity_id = l.identity_id
                AND u.target_tenant_id IS NULL
                AND u.occurred_at >= l.from_at
                AND u.occurred_at < l.to_at
        ) AS events_of_no_client
    FROM links AS l
    JOIN shared_ids AS s ON s.identity_id = l.identity_id
    LEFT JOIN known AS k ON k.identity_id = l.identity_id
    LEFT JOIN told AS r ON r.instance_id = l.instance_id
),
judged AS (
    SELECT
        *,
        coalesce(if(has_source, attributed / nullif(events, 0), NULL), told_ratio) AS ratio,
        CASE
            WHEN NOT has_source AND told_ratio IS NULL THEN 'unknown'
            WHEN has_source AND events = 0 AND told_ratio IS NULL
                -- what happens on events alone may not have happened
                THEN if(coalesce(frequency, 'on_event') = 'on_event' AND events_of_no_client = 0, 'fine', 'open')
            WHEN ratio < $attribution_min_ratio THEN 'open'
            ELSE 'fine'
        END AS state
    FROM counted
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
        WHEN j.events = 0 AND j.ratio IS NULL
            THEN 'no use of ' || i.name || ' can be attributed to ' || j.instance_id
        ELSE 'too little use of ' || i.name || ' can be attributed to ' || j.instance_id
    END AS title,
    i.name,
    j.events,
    j.attributed,
    j.events_of_no_client,
    round(j.ratio, 4) AS ratio,
    j.from_at,
    j.to_at,
    j.file,
    j.line,
    'a log that names client and ticket in every line' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    if(
        j.state = 'unknown', ['usage: no events of this identity were imported'], []
    ) AS unread
FROM judged AS j
JOIN identities AS i ON i.identity_id = j.identity_id
WHERE j.state <> 'fine'
ORDER BY j.tenant_id, j.instance_id, j.identity_id
