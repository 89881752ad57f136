-- What changed about each identity: the newest $most events.
WITH versions AS (
    SELECT
        v.identity_id, v.tenant_id, v.valid_from AS moment,
        lag(v.identity_id) OVER w AS former,
        {'name': v.name, 'enabled': v.enabled::VARCHAR, 'privilege': v.privilege, 'class': v.class}
            AS now_is,
        lag({'name': v.name, 'enabled': v.enabled::VARCHAR, 'privilege': v.privilege, 'class': v.class})
            OVER w AS was
    FROM identity_version AS v
    WINDOW w AS (PARTITION BY v.identity_id ORDER BY v.valid_from)
),

owners AS (
    SELECT
        r.identity_id, r.valid_from AS moment, r.owner_id, r.owner_status,
        lag(r.owner_id) OVER w AS old_owner, lag(r.owner_status) OVER w AS old_status
    FROM resolution_version AS r
    WINDOW w AS (PARTITION BY r.identity_id ORDER BY r.valid_from)
),

events AS (
    SELECT identity_id, moment, 'first seen' AS what, NULL AS was, now_is.name AS became
    FROM versions WHERE former IS NULL
    UNION ALL
    SELECT identity_id, moment, 'name', was.name, now_is.name
    FROM versions WHERE former IS NOT NULL AND was.name IS DISTINCT FROM now_is.name
    UNION ALL
    SELECT identity_id, moment, 'enabled', was.enabled, now_is.enabled
    FROM versions WHERE former IS NOT NULL AND was.enabled IS DISTINCT FROM now_is.enabled
    UNION ALL
    SELECT identity_id, moment, 'privilege', was.privilege, now_is.privilege
    FROM versions WHERE former IS NOT NULL AND was.privilege IS DISTINCT FROM now_is.privilege
    UNION ALL
    SELECT identity_id, moment, 'class', was.class, now_is.class
    FROM versions WHERE former IS NOT NULL AND was.class IS DISTINCT FROM now_is.class
    UNION ALL
    SELECT identity_id, moment, 'owner', old_owner, owner_id FROM owners
    WHERE old_status IS NOT NULL AND owner_id IS DISTINCT FROM old_owner
    UNION ALL
    SELECT identity_id, moment, 'owner status', old_status, owner_status FROM owners
    WHERE old_status IS NOT NULL AND owner_status IS DISTINCT FROM old_status
    UNION ALL
    SELECT f.identity_id, e.occurred_at AS moment, 'finding ' || e.rule || ' ' || replace(e.event, '_', ' '), e.was, e.became
    FROM finding_events AS e
    JOIN findings AS f ON f.finding_id = e.finding_id
    WHERE f.identity_id IS NOT NULL
)

SELECT e.identity_id, e.moment AS at, e.what, e.was, e.became
FROM events AS e
JOIN identities AS i ON i.identity_id = e.identity_id
WHERE e.moment <= $now::TIMESTAMPTZ
    AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, i.tenant_id))
QUALIFY row_number() OVER (PARTITION BY e.identity_id ORDER BY e.moment DESC, e.what, e.became) <= $most
ORDER BY e.identity_id, e.moment DESC, e.what, e.became
