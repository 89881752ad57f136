-- title: Controls that their operator also approves or oversees
-- why: Who checks their own work finds nothing; a second pair of eyes is what the control is for.
-- rule: PRV-04
-- severity: medium
-- frameworks: soc2: CC6.3, CC5.1; csf: PR.AA-05; nist_800_53: AC-5; iso_27001: 5.3; cis: 6.8
-- unknown: Who owns an identity that is linked to the instance rests on reads that were not whole.
--   Who held which access review is in the records of reviews, not here.
-- remediation: Name another person to approve and oversee: at the client where the MSP operates, at
--   the MSP where the client does.
WITH operating AS (
    SELECT instance_id, accountable_id AS party_id, 'is accountable for it' AS acts
    FROM control_instances
    UNION ALL
    SELECT k.instance_id, k.custodian_id, 'keeps its evidence'
    FROM custody AS k
    WHERE k.period_start <= CAST($now AT TIME ZONE 'UTC' AS DATE)
        AND coalesce(k.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE), true)
    UNION ALL
    SELECT DISTINCT l.instance_id, i.owner_id, 'owns ' || i.name || ', which operates it'
    FROM control_links AS l
    JOIN identities AS i ON i.identity_id = l.identity_id
    WHERE l.state IN ('linked', 'confirmed')
        AND l.grade IN ('can_change', 'operates')
        -- nobody is accused on a guess
        AND i.owner_status IN ('attested', 'declared')
),
reviewing AS (
    SELECT instance_id, approver_id AS party_id, 'approves it' AS checks
    FROM control_instances
    UNION ALL
    SELECT k.instance_id, k.oversight_id, 'oversees its evidence'
    FROM custody AS k
    WHERE k.period_start <= CAST($now AT TIME ZONE 'UTC' AS DATE)
        AND coalesce(k.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE), true)
),
conflicts AS (
    SELECT
        o.instance_id,
        o.party_id,
        list(DISTINCT o.acts ORDER BY o.acts) AS acts,
        list(DISTINCT r.checks ORDER BY r.checks) AS checks
    FROM operating AS o
    JOIN reviewing AS r ON r.instance_id = o.instance_id AND r.party_id = o.party_id
    GROUP BY o.instance_id, o.party_id
),
told AS (
    SELECT
        instance_id,
        list(party_id ORDER BY party_id) AS party_ids,
        list(
            party_id || ' ' || array_to_string(acts, ', ') || ' and ' || array_to_string(checks, ', ')
            ORDER BY party_id
        ) AS conflicts
    FROM conflicts
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    c.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    c.instance_id,
    c.instance_id AS subject,
    c.instance_id || ' is checked by who operates it' AS title,
    c.criteria,
    c.responsibility,
    t.party_ids,
    t.conflicts,
    c.file,
    coalesce(CAST(c.lines ->> 'approver' AS BIGINT), c.line) AS line,
    'another person who approves and oversees it' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM told AS t
JOIN control_instances AS c ON c.instance_id = t.instance_id
WHERE c.responsibility <> 'n/a' AND c.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
ORDER BY c.tenant_id, c.instance_id
