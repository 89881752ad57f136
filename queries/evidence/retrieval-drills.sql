-- title: Drills of bringing evidence forth: the newest of each control, and who had none of late
-- why: R18: kept is not the same as found; once a quarter somebody should ask for a piece.
-- param: tenant text null only this client
-- unknown: A control whose domain names no retrieve_within has no limit; its state says so.
WITH drills AS (
    SELECT
        coalesce(r.instance_id, e.instance_id) AS instance_id,
        CAST(r.record ->> 'requested_at' AS TIMESTAMPTZ) AS requested_at,
        CAST(r.record ->> 'retrieved_at' AS TIMESTAMPTZ) AS retrieved_at,
        coalesce(lower(r.record ->> 'sha256') <> lower(e.sha256), false) AS is_other
    FROM evidence_records AS r
    LEFT JOIN evidence AS e
        ON e.tenant_id = r.tenant_id AND e.evidence_id = r.record ->> 'evidence_id'
    WHERE r.kind = 'retrieval_drill'
),
newest AS (
    SELECT *, count(*) OVER (PARTITION BY instance_id) AS drills
    FROM drills
    WHERE instance_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY requested_at DESC) = 1
)
SELECT
    i.tenant_id,
    i.instance_id,
    i.domain,
    i.accountable_id AS owner,
    CASE
        WHEN s.retrieve_within IS NULL THEN 'no limit'
        WHEN n.instance_id IS NULL THEN 'never drilled'
        WHEN n.is_other OR n.retrieved_at < n.requested_at THEN 'failed'
        WHEN n.retrieved_at IS NULL AND n.requested_at + s.retrieve_within >= $now THEN 'running'
        WHEN n.retrieved_at IS NULL THEN 'failed'
        WHEN n.retrieved_at > n.requested_at + s.retrieve_within THEN 'slow'
        WHEN n.requested_at < date_trunc('quarter', $now) - INTERVAL 3 MONTH
            THEN 'none this quarter or the one before'
        ELSE 'in time'
    END AS state,
    n.requested_at,
    n.retrieved_at,
    round(epoch(n.retrieved_at - n.requested_at) / 3600, 2) AS hours,
    round(epoch(s.retrieve_within) / 3600, 2) AS hours_allowed,
    coalesce(n.drills, 0) AS drills
FROM control_instances AS i
LEFT JOIN evidence_slas AS s ON s.domain = i.domain
LEFT JOIN newest AS n ON n.instance_id = i.instance_id
WHERE i.responsibility <> 'n/a' AND ($tenant IS NULL OR i.tenant_id = $tenant)
ORDER BY i.tenant_id, i.instance_id
