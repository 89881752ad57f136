-- title: Controls that are run, or evidence that lies, elsewhere than agreed
-- why: Whoever has to bring the evidence forth cannot reach it, or whoever does the work never
--   agreed to; both are noticed when an auditor asks.
-- rule: CTL-08
-- severity: high
-- frameworks: soc2: CC1.3, CC4.1; csf: GV.RR-02, GV.OV-03; nist_800_53: CA-7; iso_27001: 5.2, 5.22;
--   cis: 15.6
-- param: drift_days integer 30 days of operations that are looked at
-- param: drift_share number 0.2 part of them that may be elsewhere
-- unknown: Today's custodian is held against who has the duty to retain, against who holds the logs
--   of customer-managed keys, and against whose logs the imported events of use come from; and who
--   operates (the actor of the roster that the log names, else whose identity it is, if it is not the
--   client's own) against who has a part in the control. Of a control without imported events only
--   what the matrix says of itself is seen, so one that is not listed may drift nevertheless.
-- remediation: Let custody and duties follow whoever holds the source and does the work, acknowledge
--   the hand-off, and keep oversight on the other side; or move the logs or the work.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
kept AS (
    SELECT c.*, i.service_model
    FROM custody AS c
    JOIN control_instances AS i ON i.instance_id = c.instance_id
    CROSS JOIN today AS t
    WHERE i.responsibility <> 'n/a'
        AND i.period_start <= t.day
        AND i.period_end > t.day
        AND c.period_start <= t.day
        AND coalesce(c.period_end, i.period_end) > t.day
),
organizations AS (
    SELECT
        tenant_id,
        client_group,
        CASE kind
            WHEN 'msp' THEN 'msp' WHEN 'subservice' THEN 'sub:' || tenant_id
            ELSE 'client:' || tenant_id
        END AS org
    FROM tenants
),
-- What the linked identities were seen to do for the client.
operations AS (
    SELECT
        l.instance_id,
        -- whom the log names; an identity that lies elsewhere works for whoever it lies with; who
        -- uses one of the client's own, only the log can tell
        coalesce(
            if(person.client_group = client.client_group, client.org, coalesce(person.org, p.org)),
            if(actor.client_group = client.client_group, NULL, actor.org)
        ) AS operating_org,
        -- tenants of one group are one client
        if(logs.client_group = client.client_group, client.org, logs.org) AS logging_org
    FROM control_links AS l
    JOIN organizations AS client ON client.tenant_id = l.tenant_id
    LEFT JOIN tools AS t ON t.identity_id = l.identity_id
    JOIN tool_events AS e ON e.tool = coalesce(t.tool, l.identity_id)
    JOIN organizations AS actor ON actor.tenant_id = e.identity_tenant_id
    JOIN organizations AS target
        ON target.tenant_id = e.target_tenant_id
        AND target.client_group = client.client_group
    LEFT JOIN organizations AS logs ON logs.tenant_id = e.log_source_tenant_id
    LEFT JOIN party_names AS p ON p.ref = lower(trim(e.actor))
    LEFT JOIN organizations AS person ON person.org = p.org AND p.org LIKE 'client:%'
    WHERE l.state IN ('linked', 'confirmed')
        AND e.occurred_at > $now - to_days($drift_days)
        AND e.occurred_at <= $now
),
logged AS (
    SELECT
        instance_id,
        logging_org AS org,
        count(*) / sum(count(*)) OVER (PARTITION BY instance_id) AS share
    FROM operations
    WHERE logging_org IS NOT NULL
    GROUP BY instance_id, logging_org
),
strangers AS (
    SELECT p.instance_id, p.operating_org
    FROM (
        SELECT
            instance_id,
            operating_org,
            count(*) / sum(count(*)) OVER (PARTITION BY instance_id) AS share
        FROM operations
        GROUP BY instance_id, operating_org
    ) AS p
    WHERE p.operating_org IS NOT NULL
        AND p.share > $drift_share
        AND NOT EXISTS (
            FROM control_orgs AS o
            WHERE o.instance_id = p.instance_id
                AND (
                    o.org = p.operating_org
                    OR (o.org = 'subservice' AND p.operating_org LIKE 'sub:%')
                )
        )
),
-- Who holds the source, as far as it is known, and how.
holders AS (
    SELECT
        k.instance_id,
        k.position,
        if(d.orgs[1] = 'client', 'client:' || d.tenant_id, d.orgs[1]) AS org,
        'the duty to retain is with ' || d.orgs[1] AS because
    FROM kept AS k
    JOIN duties AS d ON d.instance_id = k.instance_id AND d.duty = 'retain'
    WHERE len(d.orgs) = 1
    UNION ALL
    SELECT
        instance_id,
        position,
        'client:' || tenant_id,
        'keys that the client manages leave their logs with the client'
    FROM kept
    WHERE service_model = 'cmk'
    UNION ALL
    SELECT k.instance_id, k.position, g.org, 'the logs of its operation are of ' || g.org
    FROM kept AS k
    JOIN logged AS g ON g.instance_id = k.instance_id
    WHERE g.share > $drift_share
),
drifting AS (
    SELECT
        k.instance_id,
        k.custodian_org,
        any_value(k.line) AS line,
        list(DISTINCT h.org ORDER BY h.org) AS held_by,
        list(DISTINCT h.because ORDER BY h.because) AS because
    FROM kept AS k
    JOIN holders AS h ON h.instance_id = k.instance_id AND h.position = k.position
    LEFT JOIN tenants AS a ON a.tenant_id = substr(k.custodian_org, 8)
    LEFT JOIN tenants AS b ON b.tenant_id = substr(h.org, 8)
    WHERE k.custodian_org <> h.org
        -- tenants of one group are one client
        AND NOT coalesce(
            k.custodian_org LIKE 'client:%'
            AND h.org LIKE 'client:%'
            AND a.client_group = b.client_group,
            false
        )
        -- one of the two does not say which subservice
        AND NOT (
            'subservice' IN (k.custodian_org, h.org)
            AND split_part(replace(k.custodian_org, 'subservice', 'sub'), ':', 1)
                = split_part(replace(h.org, 'subservice', 'sub'), ':', 1)
        )
    GROUP BY k.instance_id, k.custodian_org
),
told AS (
    -- two custodians at once are custody-overlap's, and one finding here
    SELECT
        instance_id,
        'its evidence is said to be with ' || custodian_org || ', but '
        || array_to_string(because, ', and ') AS drift,
        line
    FROM drifting
    QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY custodian_org) = 1
    UNION ALL
    SELECT instance_id, operating_org || ' operates it and has no part in it', NULL
    FROM strangers
),
listed AS (
    SELECT instance_id, list(drift ORDER BY drift) AS drifts, min(line) AS line
    FROM told
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    i.instance_id || ' is not where it was agreed to be: ' || array_to_string(l.drifts, '; ')
        AS title,
    i.criteria,
    i.responsibility,
    i.service_model,
    l.drifts,
    i.file,
    coalesce(l.line, CAST(i.lines ->> 'responsibility' AS BIGINT), i.line) AS line,
    'custody with whoever holds the source, and work by whoever has a part in it' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM listed AS l
JOIN control_instances AS i ON i.instance_id = l.instance_id
WHERE i.responsibility <> 'n/a' AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
ORDER BY i.tenant_id, i.instance_id
