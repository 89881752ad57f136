-- comment: Which organizations are party to a control instance: by its responsibility, and by its duties.
-- history: no
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column org: As in parties: msp, client:<tenant> for every tenant of the client, or sub:<name>.
WITH said AS (
    SELECT d.instance_id, d.tenant_id, unnest(d.orgs) AS org
    FROM duties d
    UNION
    SELECT i.instance_id, i.tenant_id,
        unnest(
            CASE
                WHEN i.responsibility IN ('msp', 'client', 'subservice') THEN [i.responsibility]
                WHEN i.responsibility LIKE 'shared_msp_client%' THEN ['msp', 'client']
                WHEN i.responsibility = 'shared_msp_sub' THEN ['msp', 'subservice']
                ELSE []
            END
        ) AS org
    FROM control_instances i
),
scoped AS (
    SELECT s.instance_id, s.tenant_id, s.org,
        CASE
            WHEN s.org = 'client' THEN s.tenant_id
            WHEN s.org LIKE 'client:%' THEN substr(s.org, 8)
        END AS of_tenant
    FROM said s
)
SELECT DISTINCT s.instance_id, s.tenant_id,
    CASE
        WHEN s.of_tenant IS NOT NULL THEN 'client:' || coalesce(g.tenant_id, s.of_tenant)
        -- whichever subservice: the roster knows which there are
        WHEN s.org = 'subservice' THEN coalesce(p.org, s.org)
        ELSE s.org
    END AS org
FROM scoped s
LEFT JOIN tenants t ON t.tenant_id = s.of_tenant
LEFT JOIN tenants g ON g.client_group = t.client_group
LEFT JOIN parties p ON s.org = 'subservice' AND p.org LIKE 'sub:%'
