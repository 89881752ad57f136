-- title: Evidence that could not be brought forth in time when it was asked for
-- why: R18 and R23: an auditor waits with a watch; a drill tells before.
-- rule: EVD-04
-- severity: medium
-- frameworks: soc2: CC2.1; csf: PR.PS-04; nist_800_53: AU-11, CA-7; iso_27001: 5.33, 8.15; cis: 8.10
-- unknown: Judged is the newest drill of each control whose domain says how soon evidence must be
--   there. Controls without a drill are in retrieval-drills, not here.
-- remediation: Mend what made it slow, and record another drill: `nhiscan evidence add DRILL.json
--   --kind retrieval_drill --instance ID`.
WITH drills AS (
    SELECT
        coalesce(r.instance_id, e.instance_id) AS instance_id,
        r.evidence_id AS drill_id,
        r.record ->> 'evidence_id' AS asked_for,
        CAST(r.record ->> 'requested_at' AS TIMESTAMPTZ) AS requested_at,
        CAST(r.record ->> 'retrieved_at' AS TIMESTAMPTZ) AS retrieved_at,
        lower(r.record ->> 'sha256') <> lower(e.sha256) AS is_other
    FROM evidence_records AS r
    LEFT JOIN evidence AS e
        ON e.tenant_id = r.tenant_id AND e.evidence_id = r.record ->> 'evidence_id'
    WHERE r.kind = 'retrieval_drill'
),
newest AS (
    SELECT *
    FROM drills
    WHERE instance_id IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY instance_id ORDER BY requested_at DESC, drill_id DESC
    ) = 1
),
judged AS (
    SELECT
        i.tenant_id,
        i.instance_id,
        i.domain,
        i.file,
        i.line,
        n.* EXCLUDE (instance_id),
        s.retrieve_within,
        CASE
            WHEN coalesce(n.is_other, false) THEN 'brought forth something else than was recorded'
            WHEN n.retrieved_at < n.requested_at THEN 'is told to have ended before it began'
            WHEN n.retrieved_at IS NULL THEN 'brought forth nothing in time'
            ELSE 'took too long'
        END AS what
    FROM newest AS n
    JOIN control_instances AS i ON i.instance_id = n.instance_id
    JOIN evidence_slas AS s ON s.domain = i.domain
    WHERE s.retrieve_within IS NOT NULL
        AND (
            coalesce(n.is_other, false)
            OR n.retrieved_at < n.requested_at
            OR coalesce(n.retrieved_at, $now) > n.requested_at + s.retrieve_within
        )
)
SELECT
    'open' AS verdict,
    tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    instance_id,
    instance_id AS subject,
    'the newest drill of ' || instance_id || ' ' || what AS title,
    domain,
    drill_id,
    asked_for,
    requested_at,
    retrieved_at,
    CAST(retrieve_within AS VARCHAR) AS retrieve_within,
    file,
    line,
    'a later drill that brings the recorded evidence forth in time' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM judged
ORDER BY tenant_id, instance_id
