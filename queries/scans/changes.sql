-- title: What changed since the last scan
-- why: Most incidents are a change: a key that is new, an owner that went, a trust that widened.
-- param: since time null state to compare with; null is the scan before the last
-- param: until time null state to look at; null is the last scan
-- unknown: Last use and other volatile facts are no changes. A thing is gone only if a complete
--   read no longer shows it; accounts that were not read whole stand here with change unknown.
WITH moments AS (
    SELECT
        coalesce($until, max(started_at)) AS until,
        coalesce($since, max(started_at, 2)[2]) AS since
    FROM scans
),
states AS (
    SELECT
        'identity' AS what, identity_id AS key, tenant_id, account_id, identity_id, name,
        to_json({
            'name': name, 'native_id': native_id, 'class': class, 'enabled': enabled,
            'privilege': privilege, 'tags': tags
        }) AS facts,
        valid_from, valid_to
    FROM identities_history
    UNION ALL BY NAME
    SELECT
        'owner' AS what, identity_id AS key, tenant_id, account_id, identity_id, name,
        to_json({
            'owner_id': owner_id, 'owner_status': owner_status, 'backup_id': backup_id,
            'last_known_owner_id': last_known_owner_id
        }) AS facts,
        valid_from, valid_to
    FROM identities_history
    UNION ALL BY NAME
    SELECT
        'credential' AS what, credential_id AS key, tenant_id, account_id, identity_id,
        kind || coalesce(' ' || public_id, '') AS name,
        to_json({
            'status': status, 'created_at': created_at, 'expires_at': expires_at,
            'fingerprint': fingerprint
        }) AS facts,
        valid_from, valid_to
    FROM credentials_history
    UNION ALL BY NAME
    SELECT
        'grant' AS what,
        concat_ws('|', identity_id, scope, role, action_class, via, acts_as) AS key,
        tenant_id, account_id, identity_id, action_class || ' by ' || role AS name,
        to_json({'verdict': verdict, 'actions': actions}) AS facts,
        valid_from, valid_to
    FROM grants_history
    UNION ALL BY NAME
    SELECT
        'trust' AS what, trust_id AS key, tenant_id, account_id, identity_id, principal AS name,
        to_json({
            'relation': relation, 'guard': guard, 'verdict': verdict, 'vendor': vendor
        }) AS facts,
        valid_from, valid_to
    FROM trusts_history
    UNION ALL BY NAME
    SELECT
        'reach' AS what, concat_ws('|', identity_id, target_tenant_id, via) AS key, tenant_id,
        identity_id, 'reach into ' || target_tenant_id AS name,
        to_json({'hops': hops}) AS facts,
        valid_from, valid_to
    FROM reach_history
    UNION ALL BY NAME
    SELECT
        'finding' AS what, finding_id AS key, tenant_id, account_id, identity_id,
        rule || ' ' || title AS name,
        to_json({'status': status, 'severity': severity, 'owner_id': owner_id}) AS facts,
        valid_from, valid_to
    FROM findings_history
    WHERE status <> 'resolved'
),
-- only versions that ended or began between the two moments can differ
before AS (
    SELECT s.*
    FROM states AS s, moments AS m
    WHERE s.valid_from <= m.since AND s.valid_to > m.since AND s.valid_to <= m.until
),
after AS (
    SELECT s.*
    FROM states AS s, moments AS m
    WHERE s.valid_from > coalesce(m.since, '-infinity'::TIMESTAMPTZ)
        AND s.valid_from <= m.until
        AND coalesce(s.valid_to > m.until, true)
),
paired AS (
    SELECT
        coalesce(a.what, b.what) AS what,
        coalesce(a.key, b.key) AS key,
        coalesce(a.tenant_id, b.tenant_id) AS tenant_id,
        coalesce(a.account_id, b.account_id) AS account_id,
        coalesce(a.identity_id, b.identity_id) AS identity_id,
        coalesce(a.name, b.name) AS name,
        a.facts AS new_facts,
        b.facts AS old_facts
    FROM after AS a
    FULL JOIN before AS b ON b.what = a.what AND b.key = a.key
),
compared AS (
    SELECT
        CASE
            WHEN old_facts IS NULL THEN 'appeared'
            WHEN new_facts IS NULL THEN 'went'
            ELSE 'changed'
        END AS change,
        *,
        unnest(
            CASE
                WHEN old_facts IS NULL OR new_facts IS NULL THEN [NULL]
                ELSE json_keys(new_facts)
            END
        ) AS "column"
    FROM paired
)
SELECT
    c.change,
    c.what,
    c.tenant_id,
    c.account_id,
    c.name,
    i.name AS identity,
    c."column",
    c.old_facts ->> c."column" AS old,
    c.new_facts ->> c."column" AS new,
    c.identity_id,
    c.key
FROM compared AS c
LEFT JOIN identities AS i ON i.identity_id = c.identity_id
WHERE (c.change <> 'changed' AND c.what <> 'owner')
    OR (c.old_facts ->> c."column") IS DISTINCT FROM (c.new_facts ->> c."column")
UNION ALL BY NAME
SELECT DISTINCT
    'unknown' AS change,
    'account' AS what,
    tenant_id,
    account_id,
    title AS name,
    array_to_string(unread, '; ') AS new
FROM blind_spots
WHERE topic IN ('accounts', 'identities', 'credentials', 'trusts', 'owners')
ORDER BY what, change, tenant_id, account_id, name, "column", key
