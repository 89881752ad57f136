-- The most severe finding of each rule that the demo points out, and how to name its subject:
-- by its name where only one identity has it, else by its id; control instances by theirs.
WITH known AS (
    SELECT
        identity_id,
        name,
        privilege,
        count(*) OVER (PARTITION BY name) = 1
            AND regexp_full_match(name, '[A-Za-z0-9][A-Za-z0-9_.-]*') AS unmistakable
    FROM identities
),
subjects AS (
    SELECT
        identity_id AS subject,
        name,
        privilege,
        unmistakable,
        if(unmistakable, name, identity_id) AS reference
    FROM known
    UNION ALL BY NAME
    SELECT instance_id AS subject, instance_id AS name, true AS unmistakable, subject AS reference
    FROM control_instances
)
SELECT
    f.rule,
    f.title,
    f.severity,
    s.name,
    coalesce(t.name, f.tenant_id) AS tenant,
    s.reference
FROM findings AS f
JOIN subjects AS s ON s.subject = coalesce(f.identity_id, f.instance_id)
LEFT JOIN tenants AS t ON t.tenant_id = f.tenant_id
WHERE f.status = 'open' AND list_contains($rules, f.rule)
QUALIFY row_number() OVER (
    PARTITION BY f.rule
    ORDER BY
        list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity),
        s.privilege = 'admin' DESC,
        s.unmistakable DESC,
        s.name,
        f.finding_id
) = 1
