-- title: Duties of a control that nobody or more than one has
-- why: What both have to do, each leaves to the other; "shared" without a split says nothing.
-- rule: CTL-09
-- severity: high
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: Nothing here rests on a reading of a cloud. A duty that is not listed at all is no
--   fault: not every control has all seven; `responsibility-matrix` shows how many are assigned.
-- remediation: Give each duty under `duties` to exactly one organization, then have the client sign
--   the new text; say in `notes` why a criterion does not apply.
WITH
judged AS (
    SELECT *
    FROM control_instances
    WHERE period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
unclear AS (
    SELECT
        instance_id,
        CASE
            WHEN len(list_distinct(orgs)) = 0 THEN duty || ' is nobody''s'
            ELSE duty || ' is '
                || array_to_string(list_sort(list_distinct(orgs)), '''s and ') || '''s'
        END AS what,
        line
    FROM duties
    WHERE len(list_distinct(orgs)) <> 1
    UNION ALL
    SELECT j.instance_id, 'it is shared and no duty is given to anybody', NULL
    FROM judged AS j
    WHERE j.responsibility LIKE 'shared%'
        AND j.instance_id NOT IN (SELECT d.instance_id FROM duties AS d)
    UNION ALL
    SELECT
        instance_id,
        'it is shared and its statement is empty',
        CAST(lines ->> 'statement' AS BIGINT)
    FROM judged
    WHERE responsibility LIKE 'shared%' AND trim(statement) = ''
    UNION ALL
    SELECT instance_id, 'it does not apply, and no reason is given', NULL
    FROM judged
    WHERE responsibility = 'n/a' AND trim(coalesce(notes, '')) = ''
),
listed AS (
    SELECT instance_id, list(what ORDER BY line, what) AS faults, min(line) AS line
    FROM unclear
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    'The split of ' || i.instance_id || ' is unclear: ' || array_to_string(l.faults, '; ') AS title,
    i.criteria,
    i.responsibility,
    l.faults,
    i.file,
    coalesce(l.line, CAST(i.lines ->> 'responsibility' AS BIGINT), i.line) AS line,
    'exactly one organization for each duty, and a reason where the control does not apply'
        AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM listed AS l
JOIN judged AS i ON i.instance_id = l.instance_id
ORDER BY i.tenant_id, i.instance_id
