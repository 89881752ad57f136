-- title: Evidence that is said to be with one and lies with another
-- why: Whoever has to bring the evidence forth cannot reach it, and notices when an auditor asks.
-- rule: CTL-08
-- severity: high
-- frameworks: soc2: CC1.3, CC4.1; csf: GV.RR-02, GV.OV-03; nist_800_53: CA-7; iso_27001: 5.2, 5.22;
--   cis: 15.6
-- unknown: This compares what the matrix says of itself: today's custodian with who has the duty to
--   retain, and with who holds the logs of customer-managed keys. Whose logs really show the
--   control at work is not seen here, so a control that is not listed may drift nevertheless.
-- remediation: Let custody follow whoever holds the source, acknowledge the hand-off, and keep
--   oversight on the other side; or move the logs.
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
-- Who holds the source, as far as it is known, and how. Observed operation belongs here too.
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
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    'The evidence of ' || i.instance_id || ' is said to be with ' || d.custodian_org || ', but '
    || array_to_string(d.because, ', and ') AS title,
    i.criteria,
    i.responsibility,
    i.service_model,
    d.custodian_org,
    d.held_by,
    d.because,
    i.file,
    coalesce(d.line, i.line) AS line,
    'custody with whoever holds the source, or the source with the custodian' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM (
    -- two custodians at once are custody-overlap's, and one finding here
    SELECT * FROM drifting
    QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY custodian_org) = 1
) AS d
JOIN control_instances AS i ON i.instance_id = d.instance_id
ORDER BY i.tenant_id, i.instance_id
