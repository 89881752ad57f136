-- title: Controls whose evidence is missing, too old or was produced late
-- why: A control that nobody can show to have operated did not operate, as far as an auditor can say.
-- rule: EVD-01
-- severity: medium
-- frameworks: soc2: CC4.1; csf: GV.OV-03; nist_800_53: CA-7; iso_27001: 5.33; cis: 8.11~
-- unknown: A domain without an SLA has no limit, unless the control's frequency gives one; `matrix
--   lint` tells it (CFG-01). Snapshots of configuration and populations with gaps are no evidence of
--   operation.
-- remediation: Produce what proves that the control operated, and record it: `nhiscan evidence add
--   FILE --instance ID`; if it did not operate, say so at the monthly review.
WITH newest AS (
    SELECT
        instance_id,
        collected_at AS produced_at,
        evidence_id,
        period_end AS covers_until,
        count(*) OVER (PARTITION BY instance_id) AS items
    FROM proofs
    WHERE is_operation
    -- of what came at once, what speaks of the latest time
    QUALIFY row_number() OVER (
        PARTITION BY instance_id
        ORDER BY collected_at DESC, period_end DESC NULLS LAST, evidence_id
    ) = 1
),
due AS (
    SELECT
        i.tenant_id,
        i.instance_id,
        i.accountable_id,
        i.frequency,
        i.domain,
        i.file,
        i.line,
        n.produced_at,
        n.evidence_id,
        n.covers_until,
        coalesce(n.items, 0) AS items,
        s.produce_within,
        coalesce(
            s.max_age,
            CASE i.frequency
                WHEN 'daily' THEN INTERVAL 1 DAY
                WHEN 'weekly' THEN INTERVAL 7 DAY
                WHEN 'monthly' THEN INTERVAL 31 DAY
                WHEN 'quarterly' THEN INTERVAL 92 DAY
                WHEN 'annual' THEN INTERVAL 366 DAY
            END + coalesce(s.produce_within, INTERVAL 0 DAY)
        ) AS max_age,
        least($now, CAST(i.period_end AS TIMESTAMPTZ)) AS until,
        coalesce(n.produced_at, CAST(i.period_start AS TIMESTAMPTZ)) + max_age AS due_at,
        n.covers_until + s.produce_within AS wanted_at
    FROM control_instances AS i
    LEFT JOIN newest AS n ON n.instance_id = i.instance_id
    LEFT JOIN evidence_slas AS s ON s.domain = i.domain
    WHERE i.responsibility <> 'n/a' AND CAST(i.period_start AS TIMESTAMPTZ) <= $now
)
SELECT
    'open' AS verdict,
    tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    instance_id,
    instance_id AS subject,
    CASE
        WHEN items = 0 THEN 'nothing proves that ' || instance_id || ' operated'
        WHEN due_at <= until THEN 'the evidence of ' || instance_id || ' is too old'
        ELSE 'the evidence of ' || instance_id || ' was produced late'
    END AS title,
    domain,
    frequency,
    items,
    evidence_id AS newest_evidence,
    produced_at,
    due_at AS evidence_due_at,
    CAST(max_age AS VARCHAR) AS max_age,
    wanted_at,
    file,
    line,
    'evidence that the control operated, in time' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM due
WHERE due_at <= until OR produced_at > wanted_at
ORDER BY tenant_id, due_at, instance_id
