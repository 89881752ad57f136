-- title: Times in which nobody keeps the evidence of a control
-- why: What was logged in those days may exist and nobody has to bring it forth.
-- rule: CTL-05
-- severity: high
-- frameworks: soc2: CC2.1, CC4.1; csf: RS.AN-07~, GV.SC-02; nist_800_53: AU-11, AU-16;
--   iso_27001: 5.28, 5.33; cis: 8.10~
-- unknown: Nothing here rests on a reading of a cloud. Gaps count within the instance's period,
--   past or to come; instances whose period is over are not judged, `custody-timeline` shows them too.
-- remediation: Find out who had the evidence in those days and enter it under `custody`; if nobody
--   had, secure what the sources still hold and record it.
WITH
judged AS (
    SELECT *
    FROM control_instances
    WHERE responsibility <> 'n/a' AND period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
kept AS (
    -- what lies outside the instance's period keeps nothing of it
    SELECT
        i.instance_id,
        i.period_start,
        i.period_end,
        c.line,
        greatest(c.period_start, i.period_start) AS starts,
        least(coalesce(c.period_end, i.period_end), i.period_end) AS ends,
        max(ends) OVER (
            PARTITION BY i.instance_id
            ORDER BY starts, ends, c.position
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS kept_until
    FROM judged AS i
    JOIN custody AS c
        ON c.instance_id = i.instance_id
        AND c.period_start < i.period_end
        AND coalesce(c.period_end, i.period_end) > i.period_start
),
gaps AS (
    SELECT
        instance_id, coalesce(kept_until, period_start) AS gap_start, starts AS gap_end, line
    FROM kept
    WHERE starts > coalesce(kept_until, period_start)
    UNION ALL
    SELECT instance_id, max(ends), period_end, max_by(line, ends)
    FROM kept
    GROUP BY instance_id, period_end
    HAVING max(ends) < period_end
    UNION ALL
    SELECT instance_id, period_start, period_end, CAST(lines ->> 'custody' AS BIGINT)
    FROM judged
    WHERE instance_id NOT IN (SELECT kept.instance_id FROM kept)
),
listed AS (
    SELECT
        instance_id,
        list(gap_start || ' to ' || gap_end ORDER BY gap_start) AS gaps,
        sum(gap_end - gap_start) AS days,
        min_by(line, gap_start) AS line
    FROM gaps
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    'Nobody keeps the evidence of ' || i.instance_id || ' from '
    || array_to_string(g.gaps, ', from ') AS title,
    i.criteria,
    i.responsibility,
    i.period_start,
    i.period_end,
    g.gaps,
    g.days AS uncovered_days,
    i.file,
    coalesce(g.line, i.line) AS line,
    'custody without a gap from the first to the last day of the period' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM listed AS g
JOIN judged AS i ON i.instance_id = g.instance_id
ORDER BY i.tenant_id, i.instance_id
