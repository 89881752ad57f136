-- Findings of $ids with all that they ever were, the newest last.
WITH asked AS (SELECT unnest($ids::VARCHAR[]) AS finding_id),

was AS (
    SELECT
        h.finding_id,
        list(h.severity ORDER BY h.valid_from) AS severities,
        list(h.title ORDER BY h.valid_from) AS titles,
        list(coalesce(h.remediation, '') ORDER BY h.valid_from) AS remediations,
        -- a list drops nulls, and nobody is an owner here too
        list(coalesce(h.owner_id, '') ORDER BY h.valid_from) AS owners,
        list(h.due_at ORDER BY h.valid_from) AS dues
    FROM findings_history AS h
    JOIN asked AS a ON a.finding_id = h.finding_id
    GROUP BY h.finding_id
),

names AS (
    SELECT n.identity_id, list(DISTINCT n.name) AS names
    FROM (
        SELECT identity_id, unnest([native_id, name, identity_id]) AS name
        FROM identities_history
    ) AS n
    WHERE n.name IS NOT NULL
        AND n.identity_id IN (
            SELECT f.identity_id FROM findings AS f JOIN asked AS a ON a.finding_id = f.finding_id
        )
    GROUP BY n.identity_id
),

-- Whoever said that it is not theirs was asked, even if that changed in the same moment.
denied AS (
    SELECT a.identity_id, list(DISTINCT a.party_id) AS parties
    FROM attestations AS a
    WHERE NOT a.is_owner
    GROUP BY a.identity_id
)

SELECT
    f.finding_id, f.tenant_id, f.rule, f.title, f.identity_id, f.instance_id, f.credential_id,
    f.owner_id, f.status, f.resolved_at, w.severities, w.titles,
    w.remediations,
    list_concat(coalesce(d.parties, []), list_transform(w.owners, lambda one: nullif(one, '')))
        AS owners,
    w.dues,
    coalesce(n.names, ['']) AS names
FROM findings AS f
JOIN was AS w ON w.finding_id = f.finding_id
LEFT JOIN denied AS d ON d.identity_id = f.identity_id
LEFT JOIN names AS n ON n.identity_id = f.identity_id
