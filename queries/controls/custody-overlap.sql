-- title: Times in which two keep the evidence of one control
-- why: Each takes the other's copy for the true one, and in the end neither is whole.
-- rule: CTL-06
-- severity: medium
-- frameworks: soc2: CC2.1, CC4.1; csf: RS.AN-07~, GV.SC-02; nist_800_53: AU-11, AU-16;
--   iso_27001: 5.28, 5.33; cis: 8.10~
-- unknown: Nothing here rests on a reading of a cloud. Ends are days that no longer count, so one
--   may begin on the day on which another ends.
-- remediation: Decide whose the evidence of those days is, and let one interval under `custody`
--   end where the next begins.
WITH
kept AS (
    SELECT
        i.instance_id,
        c.position,
        c.line,
        coalesce(p.name || ', ' || c.custodian_org, c.custodian_ref, c.custodian_org) AS custodian,
        greatest(c.period_start, i.period_start) AS starts,
        least(coalesce(c.period_end, i.period_end), i.period_end) AS ends
    FROM control_instances AS i
    JOIN custody AS c
        ON c.instance_id = i.instance_id
        AND c.period_start < i.period_end
        AND coalesce(c.period_end, i.period_end) > i.period_start
    LEFT JOIN parties AS p ON p.party_id = c.custodian_id
    WHERE i.responsibility <> 'n/a' AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
pairs AS (
    SELECT
        a.instance_id,
        greatest(a.starts, b.starts) AS twice_from,
        least(a.ends, b.ends) AS twice_to,
        a.custodian || ' and ' || b.custodian AS custodians,
        greatest(a.line, b.line) AS line
    FROM kept AS a
    JOIN kept AS b
        ON b.instance_id = a.instance_id
        AND a.position < b.position
        AND a.starts < b.ends
        AND b.starts < a.ends
),
listed AS (
    SELECT
        instance_id,
        list(twice_from || ' to ' || twice_to ORDER BY twice_from, twice_to) AS overlaps,
        list(DISTINCT custodians ORDER BY custodians) AS custodians,
        min_by(line, (twice_from, twice_to)) AS line
    FROM pairs
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    'Two keep the evidence of ' || i.instance_id || ' from '
    || array_to_string(o.overlaps, ', from ') AS title,
    i.criteria,
    i.responsibility,
    i.period_start,
    i.period_end,
    o.overlaps,
    o.custodians,
    i.file,
    coalesce(o.line, i.line) AS line,
    'intervals of which each begins where the one before it ends' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM listed AS o
JOIN control_instances AS i ON i.instance_id = o.instance_id
ORDER BY i.tenant_id, i.instance_id
