-- title: Identities that can alter the logs that prove their own control
-- why: Evidence that its subject can switch off or delete proves nothing to an auditor, and is the
--   first thing that an intruder removes.
-- rule: PRV-03
-- severity: medium
-- frameworks: soc2: CC7.2, CC4.1; csf: PR.PS-04, RS.AN-07; owasp_nhi: NHI5:2025; nist_800_53: AU-9;
--   iso_27001: 8.15; cis: 8
-- unknown: What it may do, or what one that it can become may do, was not read whole or could not be
--   decided. The ways looked at are its own rights and those of what it becomes by one step.
-- remediation: Deny it the actions that stop, change or delete logs (by a boundary, a service control
--   policy, a role without them), or send the logs where it has no rights.
WITH operated AS (
    SELECT
        l.identity_id,
        t.client_group,
        list(l.instance_id ORDER BY l.instance_id) AS instance_ids
    FROM control_links AS l
    JOIN control_instances AS c ON c.instance_id = l.instance_id
    JOIN tenants AS t ON t.tenant_id = l.tenant_id
    WHERE l.state IN ('linked', 'confirmed')
        AND (
            l.grade = 'operates'
            -- of monitoring itself it is enough that it could
            OR (
                l.grade = 'can_change'
                AND EXISTS (SELECT 1 FROM unnest(c.criteria) AS u (id) WHERE u.id LIKE 'CC7.%')
            )
        )
    GROUP BY l.identity_id, t.client_group
),
altering AS (
    SELECT
        g.identity_id,
        g.tenant_id,
        g.account_id,
        t.client_group,
        g.verdict,
        coalesce(
            nullif(
                array_to_string(
                    [
                        a for a in g.actions
                        if regexp_matches(a, '^(cloudtrail|logs|config|guardduty|securityhub):')
                    ][:3],
                    ', '
                ),
                ''
            ),
            'changing logs'
        ) || ' on ' || g.scope || ', by ' || g.role || ' (' || g.via || ')' AS power,
        g.source || ' (' || g.region || ')' AS spot
    FROM grants AS g
    JOIN tenants AS t ON t.tenant_id = coalesce(g.scope_tenant_id, g.tenant_id)
    WHERE g.verdict IN ('granted', 'scoped', 'unknown')
        AND g.action_class = 'log'
        -- reading logs alters nothing, and writing one's own lines to them neither
        AND NOT regexp_matches(g.role, '(\.Read\.|Reader$|^get_data_warehouse$)')
        AND g.role NOT IN (
            'roles/logging.logWriter', 'roles/logging.bucketWriter', 'roles/monitoring.metricWriter',
            'roles/errorreporting.writer', 'roles/cloudtrace.agent',
            'roles/stackdriver.resourceMetadata.writer'
        )
        -- alarms alone are no record
        AND (
            len(g.actions) = 0
            OR EXISTS (
                SELECT 1
                FROM unnest(g.actions) AS u (action)
                WHERE regexp_matches(u.action, '^(cloudtrail|logs|config|guardduty|securityhub):')
            )
        )
),
-- Itself, and whom it becomes by one step.
actors AS (
    SELECT o.identity_id, o.identity_id AS actor_id, NULL AS step, NULL AS spot
    FROM operated AS o
    UNION ALL
    SELECT w.principal_identity_id, w.identity_id, 'it may act as ' || w.name, w.rests_on[1]
    FROM ways_in AS w
    -- between accounts the platform asks the other side too, which paths look at
    WHERE w.principal_identity_id IN (SELECT o.identity_id FROM operated AS o)
        AND w.principal_account_id = w.account_id
        AND w.verdict <> 'unknown'
    UNION ALL
    SELECT
        b.identity_id,
        b.target_id,
        'it could become ' || i.name || ' by ' || replace(b.way, '_', ' '),
        i.source || ' (' || i.region || ')'
    FROM can_become AS b
    JOIN identities AS i ON i.identity_id = b.target_id
    WHERE b.identity_id IN (SELECT o.identity_id FROM operated AS o)
),
found AS (
    SELECT
        o.identity_id,
        o.instance_ids,
        a.verdict,
        a.tenant_id,
        a.account_id,
        coalesce(c.step || ': ', '') || a.power AS path,
        [a.spot] || if(c.spot IS NULL, [], [c.spot]) AS spots,
        c.step IS NULL AS by_itself
    FROM operated AS o
    JOIN actors AS c ON c.identity_id = o.identity_id
    JOIN altering AS a ON a.identity_id = c.actor_id AND a.client_group = o.client_group
),
told AS (
    SELECT
        identity_id,
        list_distinct(flatten(list(instance_ids))).list_sort() AS instance_ids,
        -- what it can do itself says enough
        if(
            bool_or(by_itself),
            list(DISTINCT path ORDER BY path) FILTER (by_itself),
            list(DISTINCT path ORDER BY path)
        )[:10] AS paths,
        bool_or(verdict <> 'unknown') AS decided,
        bool_or(by_itself) AS by_itself,
        flatten(list(spots)) AS spots
    FROM found
    GROUP BY identity_id
),
doubts AS (
    SELECT s.identity_id, flatten(list(r.unread)) AS unread
    FROM (SELECT DISTINCT identity_id, tenant_id, account_id, unnest(spots) AS spot FROM found) AS s
    JOIN read_spots AS r
        ON r.tenant_id = s.tenant_id AND r.account_id = s.account_id AND r.spot = s.spot
    GROUP BY s.identity_id
)
SELECT
    if(h.decided AND len(i.unread) + len(coalesce(d.unread, [])) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    if(len(h.instance_ids) = 1, h.instance_ids[1], NULL) AS instance_id,
    i.identity_id AS subject,
    i.name || if(
        h.by_itself,
        ' can alter the logs that prove its control',
        ' could come to alter the logs that prove its control'
    ) AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    h.instance_ids,
    h.paths,
    'no power over logs where it operates, or another identity that operates the control'
        AS would_change,
    list_distinct(i.rests_on || h.spots).list_sort() AS rests_on,
    list_distinct(i.unread || coalesce(d.unread, [])).list_sort() AS unread
FROM told AS h
JOIN governed AS i ON i.identity_id = h.identity_id
LEFT JOIN doubts AS d ON d.identity_id = h.identity_id
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'privilege'
ORDER BY tenant_id, account_id, name, identity_id
