-- title: Evidence that only its keeper watches over
-- why: Whoever keeps the evidence of its own work can lose what does not suit it; the other side
--   has to look on.
-- rule: CTL-12
-- severity: medium
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: The roster does not know who is named, so whose side that is cannot be told. Custody
--   that has ended is not judged.
-- remediation: Name under `oversight` of the interval a person of the other side: of the client
--   where the MSP keeps the evidence, of the MSP where the client or a subservice does.
WITH
kept AS (
    SELECT
        c.*,
        p.name AS person,
        p.employment,
        CASE
            WHEN p.org IS NOT NULL THEN p.org
            WHEN c.oversight_ref = 'client' THEN 'client:' || c.tenant_id
            WHEN c.oversight_ref IN ('msp', 'subservice') THEN c.oversight_ref
            WHEN c.oversight_ref LIKE 'client:%' OR c.oversight_ref LIKE 'sub:%'
                THEN c.oversight_ref
        END AS oversight_org
    FROM custody AS c
    JOIN control_instances AS i ON i.instance_id = c.instance_id
    LEFT JOIN parties AS p ON p.party_id = c.oversight_id
    WHERE i.responsibility <> 'n/a'
        AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
        AND coalesce(c.period_end, i.period_end) > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
-- Tenants of one group are one side.
sided AS (
    SELECT
        c.*,
        coalesce('client:' || t.client_group, c.oversight_org) AS oversight_side,
        coalesce('client:' || k.client_group, c.custodian_org) AS custodian_side
    FROM kept AS c
    LEFT JOIN tenants AS t ON c.oversight_org = 'client:' || t.tenant_id
    LEFT JOIN tenants AS k ON c.custodian_org = 'client:' || k.tenant_id
),
reasoned AS (
    SELECT
        *,
        CASE
            WHEN oversight_ref IS NULL THEN 'nobody is named'
            WHEN oversight_side = custodian_side
                -- one of the two does not say which subservice
                OR (
                    'subservice' IN (oversight_org, custodian_org)
                    AND oversight_org LIKE 'sub%'
                    AND custodian_org LIKE 'sub%'
                )
                THEN oversight_ref || ' is of ' || custodian_org || ', which keeps it'
            WHEN employment = 'left' THEN person || ' has left'
        END AS reason,
        CASE
            WHEN oversight_org IS NULL
                THEN 'roster: ' || oversight_ref || ' is not in it'
            WHEN employment = 'unknown'
                THEN 'roster: employment of ' || person || ' is unknown'
        END AS doubt
    FROM sided
),
listed AS (
    SELECT
        instance_id,
        list(DISTINCT reason ORDER BY reason) FILTER (reason IS NOT NULL) AS reasons,
        list(DISTINCT doubt ORDER BY doubt) FILTER (reason IS NULL) AS doubts,
        list(DISTINCT custodian_org ORDER BY custodian_org) AS custodians,
        min_by(line, (reason IS NULL, position)) AS line
    FROM reasoned
    WHERE reason IS NOT NULL OR doubt IS NOT NULL
    GROUP BY instance_id
)
SELECT
    if(l.reasons IS NOT NULL, 'open', 'unknown') AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    if(
        l.reasons IS NOT NULL,
        'Nobody of the other side watches over the evidence of ' || i.instance_id || ': '
        || array_to_string(l.reasons, '; '),
        'Who watches over the evidence of ' || i.instance_id || ' is not known to the roster'
    ) AS title,
    i.criteria,
    i.responsibility,
    l.custodians,
    l.reasons,
    i.file,
    coalesce(l.line, i.line) AS line,
    'a person of the other side under `oversight`' AS would_change,
    []::VARCHAR[] AS rests_on,
    if(l.reasons IS NOT NULL, [], l.doubts)::VARCHAR[] AS unread
FROM listed AS l
JOIN control_instances AS i ON i.instance_id = l.instance_id
ORDER BY i.tenant_id, i.instance_id
