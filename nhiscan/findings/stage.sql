-- What `finding` is to hold after this scan: every finding ever made, judged anew where this scan
-- looked, as it was elsewhere.
CREATE OR REPLACE TEMP TABLE staged_findings AS
WITH
-- severity = base of the rule + privilege (admin 2, write 1) + other tenants in reach (at most 3)
-- + 1 if it operates a control, held between 1 (info) and 5 (critical).
operating AS (
    SELECT DISTINCT l.identity_id FROM control_links AS l
    WHERE l.grade = 'operates' AND l.state IN ('linked', 'confirmed')
),
-- Who left answers for nothing (governance 3.2), whatever a matrix still says.
answering AS (
    SELECT c.instance_id, a.party_id AS accountable_id, b.party_id AS backup_id
    FROM control_instances AS c
    LEFT JOIN parties AS a
        ON a.party_id = c.accountable_id AND a.employment IS DISTINCT FROM 'left'
    LEFT JOIN parties AS b ON b.party_id = c.backup_id AND b.employment IS DISTINCT FROM 'left'
),
scored AS (
    SELECT
        w.* REPLACE (
            -- of AI agents the NIST AI RMF speaks too (governance 2.3)
            json_merge_patch(
                w.frameworks,
                CASE
                    WHEN i.class IS DISTINCT FROM 'ai_agent' THEN '{}'
                    WHEN w.rule LIKE 'OWN-%' THEN '{"ai_rmf": ["GOVERN 2.1"]}'
                    WHEN w.rule = 'CTL-07' THEN '{"ai_rmf": ["GOVERN 2.1", "GOVERN 1.6"]}'
                    WHEN w.rule LIKE 'LIF-%' THEN '{"ai_rmf": ["MANAGE 2.4"]}'
                    WHEN w.rule = 'SHR-07' THEN '{"ai_rmf": ["GOVERN 6.1"]}'
                    ELSE '{}'
                END
            ) AS frameworks
        ),
        -- about an instance as such, whoever is accountable for it; else the identity's owner
        w.account_id IS NULL AS of_matrix,
        coalesce(
            w.remediation_owner_id, if(of_matrix, c.accountable_id, i.owner_id)
        ) AS owner_id,
        if(of_matrix, c.backup_id, i.backup_id) AS backup_id,
        if(o.identity_id IS NULL, 0, 1) AS by_control,
        CASE i.privilege WHEN 'admin' THEN 2 WHEN 'write' THEN 1 ELSE 0 END AS by_privilege,
        least(3, coalesce(i.reach_tenants, 0)) AS by_reach,
        ['info', 'low', 'medium', 'high', 'critical'][
            greatest(1, least(5, w.base + by_privilege + by_reach + by_control))
        ] AS severity
    FROM identified AS w
    LEFT JOIN identities AS i ON i.identity_id = w.identity_id
    LEFT JOIN operating AS o ON o.identity_id = w.identity_id
    LEFT JOIN answering AS c ON c.instance_id = w.instance_id
),
-- When the scans before this one last read each account (or, account_id null, a tenant's plans).
before_now AS (
    SELECT
        tenant_id,
        if(contains(unit, '/plan:'), NULL, account_id) AS account_id,
        max(recorded_at) AS read_at
    FROM coverage_read
    WHERE recorded_at < $at
    GROUP BY ALL
),
former AS (
    SELECT
        f.* EXCLUDE (valid_from, valid_to, read_in, of_matrix),
        -- what is open was shown by every scan of its account
        if(f.status IN ('open', 'accepted'), greatest(f.last_seen, b.read_at), f.last_seen)
            AS seen_until,
        (j.tenant_id IS NOT NULL OR f.of_matrix) AND (
            ($families::VARCHAR[] IS NULL AND NOT list_contains($others::VARCHAR[], f.rule))
            OR list_contains($families::VARCHAR[], f.rule)
            OR (
                list_contains($families::VARCHAR[], split_part(f.rule, '-', 1))
                AND NOT list_contains($others::VARCHAR[], f.rule)
            )
        ) AS judged
    FROM (
        SELECT
            v.*,
            -- about an account as such, which plans list; all else is read in the account itself
            if(v.identity_id IS NULL AND v.credential_id IS NULL, NULL, v.account_id) AS read_in,
            v.account_id IS NULL AS of_matrix
        FROM finding_version AS v
        WHERE v.valid_to IS NULL
    ) AS f
    LEFT JOIN judged AS j
        ON j.tenant_id = f.tenant_id AND j.account_id IS NOT DISTINCT FROM f.read_in
    LEFT JOIN before_now AS b
        ON b.tenant_id = f.tenant_id AND b.account_id IS NOT DISTINCT FROM f.read_in
),
-- What somebody accepted who may, and until a day that has not come.
excepted AS (
    SELECT s.finding_id, min(e.exception_id) AS exception_id
    FROM scored AS s
    JOIN exceptions AS e
        ON e.tenant_id = s.tenant_id AND e.rule = s.rule
        AND (e.identity_ref IS NULL OR e.identity_id = s.identity_id)
        AND (e.instance_id IS NULL OR e.instance_id = s.instance_id)
    WHERE e.is_entitled AND e.granted_at <= CAST($at AS DATE) AND e.expires_at > CAST($at AS DATE)
    GROUP BY s.finding_id
),
present AS (
    SELECT
        s.finding_id, s.rule, s.severity, s.tenant_id, s.identity_id, s.credential_id, s.account_id,
        s.instance_id, s.title, s.owner_id, s.backup_id,
        coalesce(o.first_seen, $at) AS first_seen,
        b.began AS opened_at,
        CAST(NULL AS TIMESTAMPTZ) AS resolved_at,
        CASE
            WHEN s.verdict <> 'open' THEN coalesce(o.seen_until, $at)
            WHEN o.status IN ('open', 'accepted') THEN o.last_seen
            ELSE $at
        END AS last_seen,
        b.began + to_days(
            CASE s.severity
                WHEN 'critical' THEN $due_days_critical
                WHEN 'high' THEN $due_days_high
                WHEN 'medium' THEN $due_days_medium
                WHEN 'low' THEN $due_days_low
            END
        ) AS due_at,
        if(s.verdict = 'open' AND x.exception_id IS NOT NULL, 'accepted', s.verdict) AS status,
        s.remediation, s.frameworks,
        to_json({
            'facts': s.facts,
            'rests_on': s.rests_on,
            'would_change': s.would_change,
            'exception': x.exception_id,
            'severity': {
                'base': s.base, 'privilege': s.by_privilege, 'reach': s.by_reach,
                'control': s.by_control
            }
        }) AS evidence,
        s.unread
    FROM scored AS s
    LEFT JOIN former AS o ON o.finding_id = s.finding_id
    LEFT JOIN excepted AS x ON x.finding_id = s.finding_id
    -- what comes back has its whole time again
    CROSS JOIN LATERAL (
        SELECT if(o.status = 'resolved', $at, coalesce(o.opened_at, $at)) AS began
    ) AS b
),
-- Why the absence of a former finding proves nothing: a read that it rested on was not whole.
doubts AS (
    SELECT d.finding_id, list_distinct(flatten(list(d.unread))).list_sort() AS unread
    FROM (
        SELECT
            w.finding_id,
            coalesce(s.unread, [w.spot || ': not asked at the last scan']) AS unread
        FROM (
            SELECT
                f.finding_id, f.tenant_id, f.account_id,
                unnest(CAST(f.evidence -> 'rests_on' AS VARCHAR[])) AS spot
            FROM former AS f
        ) AS w
        LEFT JOIN read_spots AS s
            ON s.tenant_id = w.tenant_id AND s.account_id = w.account_id AND s.spot = w.spot
        UNION ALL
        SELECT f.finding_id, b.unread
        FROM former AS f
        JOIN blind_spots AS b ON b.tenant_id = f.tenant_id AND b.topic = 'accounts'
        WHERE f.identity_id IS NULL AND f.credential_id IS NULL AND f.account_id IS NOT NULL
    ) AS d
    WHERE len(d.unread) > 0
    GROUP BY d.finding_id
),
absent AS (
    SELECT
        f.* EXCLUDE (judged, seen_until)
            REPLACE (
                -- owners change without a scan of the account
                if(k.is_kept, f.owner_id, if(f.account_id IS NULL, c.accountable_id, r.owner_id))
                    AS owner_id,
                if(k.is_kept, f.backup_id, if(f.account_id IS NULL, c.backup_id, r.backup_id))
                    AS backup_id,
                if(f.judged AND f.status IN ('open', 'accepted'), f.seen_until, f.last_seen)
                    AS last_seen,
                if(
                    f.judged AND f.status <> 'resolved' AND d.finding_id IS NULL,
                    $at, f.resolved_at
                ) AS resolved_at,
                CASE
                    WHEN NOT f.judged OR f.status = 'resolved' THEN f.status
                    WHEN d.finding_id IS NULL THEN 'resolved'
                    ELSE 'unknown'
                END AS status,
                CASE
                    WHEN NOT f.judged OR f.status = 'resolved' THEN f.unread
                    ELSE coalesce(d.unread, [])
                END AS unread
            )
    FROM former AS f
    LEFT JOIN doubts AS d ON d.finding_id = f.finding_id
    LEFT JOIN answering AS c ON c.instance_id = f.instance_id
    LEFT JOIN resolution_version AS r ON r.identity_id = f.identity_id AND r.valid_to IS NULL
    -- what is over, and what is somebody else's to mend than the owner's
    CROSS JOIN LATERAL (
        SELECT
            f.status = 'resolved' OR (f.evidence ->> '$.facts.remediation_owner_id') IS NOT NULL
                AS is_kept
    ) AS k
    WHERE f.finding_id NOT IN (SELECT present.finding_id FROM present)
)
SELECT * FROM present
UNION ALL BY NAME
SELECT * FROM absent
