-- The most severe finding of each rule that the demo points out, and how to name its subject:
-- by its name where only one identity has it, else by its id.
SELECT
    f.rule,
    f.title,
    f.severity,
    i.name,
    coalesce(t.name, f.tenant_id) AS tenant,
    i.privilege,
    CASE
        WHEN regexp_full_match(i.name, '[A-Za-z0-9][A-Za-z0-9_.-]*')
            AND (SELECT count(*) FROM identities AS other WHERE other.name = i.name) = 1
            THEN i.name
        ELSE i.identity_id
    END AS reference
FROM findings AS f
JOIN identities AS i USING (identity_id)
LEFT JOIN tenants AS t ON t.tenant_id = f.tenant_id
WHERE f.status = 'open' AND list_contains($rules, f.rule)
QUALIFY row_number() OVER (
    PARTITION BY f.rule
    ORDER BY
        list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity),
        i.privilege = 'admin' DESC,
        i.name,
        f.finding_id
) = 1
