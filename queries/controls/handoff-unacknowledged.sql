-- title: Hand-offs that the new side never acknowledged
-- why: One side thinks that it is rid of it, the other does not know that it has it.
-- rule: CTL-11
-- severity: medium
-- frameworks: soc2: CC2.1, CC4.1; csf: RS.AN-07~, GV.SC-02; nist_800_53: AU-11, AU-16;
--   iso_27001: 5.28, 5.33; cis: 8.10~
-- unknown: A change of owner, or of a custodian without a new interval, is known only if one scan
--   read the matrix before it and one after it. Hand-offs that are still to come are not judged.
-- remediation: Hand over what is open, let the new side confirm it, and enter the day as
--   `handoff_ack` of its interval under `custody`.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
judged AS (
    SELECT i.*, t.day
    FROM control_instances AS i
    CROSS JOIN today AS t
    WHERE i.responsibility <> 'n/a' AND i.period_end > t.day
),
intervals AS (
    SELECT
        c.*,
        coalesce(c.custodian_id, c.custodian_ref) AS person,
        lag(c.custodian_org) OVER w AS org_before,
        lag(coalesce(c.custodian_id, c.custodian_ref)) OVER w AS person_before
    FROM custody AS c
    WINDOW w AS (PARTITION BY c.instance_id ORDER BY c.period_start, c.position)
),
handed AS (
    SELECT
        instance_id,
        period_start AS on_day,
        concat_ws(', ', person_before, org_before) AS from_whom,
        concat_ws(', ', person, custodian_org) AS to_whom,
        handoff_ack,
        line
    FROM intervals
    WHERE org_before IS NOT NULL AND (custodian_org <> org_before OR person <> person_before)
),
-- Who kept it on the day of a scan, by the matrix as it was before that scan and as it was then.
rewritten AS (
    SELECT
        new.instance_id,
        new.valid_from AS changed_at,
        concat_ws(', ', coalesce(old.custodian_id, old.custodian_ref), old.custodian_org)
            AS from_whom,
        concat_ws(', ', coalesce(new.custodian_id, new.custodian_ref), new.custodian_org)
            AS to_whom,
        new.line
    FROM custody_history AS new
    JOIN custody_history AS old
        ON old.instance_id = new.instance_id AND old.valid_to = new.valid_from
    CROSS JOIN LATERAL (
        SELECT CAST(new.valid_from AT TIME ZONE 'UTC' AS DATE) AS scanned_on
    ) AS s
    WHERE s.scanned_on >= old.period_start
        AND s.scanned_on < coalesce(old.period_end, DATE '9999-01-01')
        AND s.scanned_on >= new.period_start
        AND s.scanned_on < coalesce(new.period_end, DATE '9999-01-01')
        AND (
            new.custodian_org <> old.custodian_org
            OR coalesce(new.custodian_id, new.custodian_ref)
                <> coalesce(old.custodian_id, old.custodian_ref)
        )
),
owners AS (
    SELECT
        instance_id,
        valid_from AS changed_at,
        accountable_id,
        array_to_string(accountable_refs, ', ') AS named,
        lag(accountable_id) OVER w AS id_before,
        lag(array_to_string(accountable_refs, ', ')) OVER w AS named_before
    FROM control_instances_history
    WINDOW w AS (PARTITION BY instance_id ORDER BY valid_from)
),
changes AS (
    SELECT instance_id, 'custody' AS what, on_day, from_whom, to_whom, NULL AS changed_at, line
    FROM handed
    WHERE handoff_ack IS NULL OR handoff_ack > (SELECT day FROM today)
    UNION ALL
    SELECT
        r.instance_id, 'custody', CAST(r.changed_at AT TIME ZONE 'UTC' AS DATE), r.from_whom,
        r.to_whom, r.changed_at, r.line
    FROM rewritten AS r
    -- the file tells this one itself
    WHERE NOT EXISTS (
        FROM handed AS h WHERE h.instance_id = r.instance_id AND h.to_whom = r.to_whom
    )
    UNION ALL
    SELECT
        instance_id, 'accountability', CAST(changed_at AT TIME ZONE 'UTC' AS DATE), named_before,
        named, changed_at, NULL
    FROM owners
    WHERE named <> ''
        AND named_before <> ''
        AND named <> named_before
        AND coalesce(accountable_id <> id_before, true)
),
-- When each acknowledgement was first seen: an earlier one answers for no later change.
acknowledged AS (
    SELECT
        instance_id,
        handoff_ack,
        coalesce(custodian_id, custodian_ref, custodian_org) AS who,
        min(valid_from) AS seen_at
    FROM custody_history
    WHERE handoff_ack IS NOT NULL
    GROUP BY ALL
),
missing AS (
    SELECT c.*, j.lines, j.day
    FROM changes AS c
    JOIN judged AS j ON j.instance_id = c.instance_id
    WHERE c.on_day <= j.day
        AND c.on_day >= j.period_start
        AND (
            c.changed_at IS NULL
            OR NOT EXISTS (
                FROM acknowledged AS a
                WHERE a.instance_id = c.instance_id
                    AND a.seen_at >= c.changed_at
                    AND a.handoff_ack <= j.day
            )
        )
),
listed AS (
    SELECT
        instance_id,
        list(
            what || ' went from ' || from_whom || ' to ' || to_whom || ' on '
            || CAST(on_day AS VARCHAR)
            ORDER BY on_day, what
        ) AS handoffs,
        min_by(
            coalesce(line, CAST(lines ->> 'accountable' AS BIGINT)), (on_day, what)
        ) AS line
    FROM missing
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    'A hand-off of ' || i.instance_id || ' was not acknowledged: '
    || array_to_string(l.handoffs, '; ') AS title,
    i.criteria,
    i.responsibility,
    l.handoffs,
    i.file,
    coalesce(l.line, i.line) AS line,
    'the day on which the new side acknowledged it, as `handoff_ack`' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM listed AS l
JOIN judged AS i ON i.instance_id = l.instance_id
ORDER BY i.tenant_id, i.instance_id
