-- title: Controls whose owner cannot prove that they operated
-- why: An owner is whoever can prove operation; who only configured it, or whose proof lies with
--   another organization, is not.
-- rule: CTL-10
-- severity: medium
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: An instance without any evidence is told as such (EVD-01), not here. Evidence is the
--   owner's if the organization of whoever is accountable keeps it, or the custodian whom the matrix
--   names for the day it was collected.
-- remediation: Make who holds the proof accountable, or record the delegation as custody in the
--   matrix, or have the owner produce records of operation.
WITH pieces AS (
    SELECT
        p.instance_id,
        p.kind IN ('configuration', 'configuration_snapshot', 'policy', 'screenshot')
            AS is_configuration,
        p.is_own,
        p.is_operation
    FROM control_instances AS i
    JOIN proofs AS p ON p.instance_id = i.instance_id AND p.kind <> 'retrieval_drill'
    WHERE i.accountable_id IS NOT NULL
        AND p.collected_at >= CAST(i.period_start AS TIMESTAMPTZ)
        AND p.collected_at < CAST(i.period_end AS TIMESTAMPTZ)
),
told AS (
    SELECT
        instance_id,
        count(*) AS items,
        count(*) FILTER (is_configuration) AS configuration_items,
        count(*) FILTER (is_own AND is_operation) AS proving_items,
        bool_and(NOT is_own) AS is_elsewhere,
        bool_or(is_own AND NOT is_configuration AND NOT is_operation) AS is_partial
    FROM pieces
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    CASE
        WHEN t.is_elsewhere
            THEN 'all evidence of ' || i.instance_id || ' is with another organization than its owner'
        WHEN t.is_partial
            THEN 'nothing that was read whole shows that ' || i.instance_id || ' operated'
        ELSE i.instance_id || ' is configured, and nothing shows that it operated'
    END AS title,
    i.accountable_id,
    t.items,
    t.configuration_items,
    t.proving_items,
    i.file,
    i.line,
    'one record of operation that the owner''s organization keeps' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM told AS t
JOIN control_instances AS i ON i.instance_id = t.instance_id
WHERE t.proving_items = 0
ORDER BY i.tenant_id, i.instance_id
