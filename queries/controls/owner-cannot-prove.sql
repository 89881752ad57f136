-- title: Controls whose owner cannot prove that they operated
-- why: An owner is whoever can prove operation; who only configured it, or whose proof lies with
--   another organization, is not.
-- rule: CTL-10
-- severity: medium
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: An instance without any evidence is told as such (EVD-01), not here.
-- remediation: Make who holds the proof accountable, or record the delegation as custody in the
--   matrix, or have the owner produce records of operation.
WITH pieces AS (
    SELECT
        i.instance_id,
        e.evidence_id,
        e.kind IN ('configuration', 'configuration_snapshot', 'policy', 'screenshot') AS is_configuration,
        -- the accountable person's own organization, or one that the matrix names as custodian
        e.custodian_org IS NOT DISTINCT FROM p.org OR EXISTS (
            FROM custody AS k
            WHERE k.instance_id = i.instance_id
                AND k.custodian_org = e.custodian_org
                AND CAST(k.period_start AS TIMESTAMPTZ) <= e.collected_at
                AND coalesce(CAST(k.period_end AS TIMESTAMPTZ) > e.collected_at, true)
        ) AS is_own
    FROM control_instances AS i
    JOIN evidence AS e ON e.instance_id = i.instance_id AND e.kind <> 'retrieval_drill'
    LEFT JOIN parties AS p ON p.party_id = i.accountable_id
    WHERE i.accountable_id IS NOT NULL
        AND e.collected_at >= CAST(i.period_start AS TIMESTAMPTZ)
        AND e.collected_at < CAST(i.period_end AS TIMESTAMPTZ)
),
told AS (
    SELECT
        instance_id,
        count(*) AS items,
        count(*) FILTER (is_configuration) AS configuration_items,
        count(*) FILTER (is_own AND NOT is_configuration) AS proving_items,
        bool_and(NOT is_own) AS is_elsewhere
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
        WHEN t.is_elsewhere THEN 'all evidence of ' || i.instance_id || ' is with another organization than its owner'
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
