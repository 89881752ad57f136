-- title: Identities whose workload is gone
-- why: What it was made for was deleted and it was not: it still may do all that it might.
-- rule: LIF-03
-- severity: medium
-- frameworks: soc2: CC6.2; csf: ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53: AC-2, CM-8;
--   iso_27001: 5.11, 5.18; cis: 6.2
-- unknown: The read that lists it was not whole, or what it is attached to could not be read; an
--   unattached one too where the federations that could use it were not read whole. Where the
--   platform attaches identities to nothing at all, none is in this list.
-- remediation: Check that nothing stands by to use it, take its rights away, then delete it. What
--   waits unattached on purpose (disaster recovery, seasonal jobs) gets the tag expected-frequency.
WITH unfederated AS (
    SELECT tenant_id, account_id, unnest(native_types) AS native_type, unread
    FROM blind_spots
    WHERE topic = 'credentials'
),
attached AS (
    SELECT
        i.*,
        i.attributes ->> 'workload' AS workload,
        i.attributes ->> 'workload_reason' AS workload_reason,
        CASE
            WHEN workload = 'unknown'
                THEN ['its workload: ' || coalesce(workload_reason, 'not known')]
            -- a federation that nobody could see would be a use
            WHEN workload = 'unattached' THEN coalesce(f.unread, [])
            ELSE []
        END AS doubts
    FROM governed AS i
    LEFT JOIN (
        SELECT tenant_id, account_id, native_type, flatten(list(unread)) AS unread
        FROM unfederated
        GROUP BY ALL
    ) AS f
        ON f.tenant_id = i.tenant_id
        AND f.account_id = i.account_id
        AND f.native_type = i.native_type
)
SELECT
    if(len(i.unread) + len(i.doubts) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || CASE i.workload
        WHEN 'gone' THEN ' outlived its workload'
        WHEN 'unattached' THEN ' is attached to nothing'
        ELSE ' may be attached to nothing'
    END AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.workload,
    i.workload_reason,
    i.owner_id,
    i.created_at,
    i.last_used_at,
    i.usage,
    'a workload that it is attached to, or its deletion' AS would_change,
    i.rests_on,
    list_distinct(i.unread || i.doubts).list_sort() AS unread
FROM attached AS i
WHERE i.workload IN ('gone', 'unattached', 'unknown')
    -- a federation is a use that leaves nothing attached
    AND NOT EXISTS (
        SELECT 1
        FROM credentials AS c
        WHERE c.identity_id = i.identity_id
            AND c.kind = 'federated_trust'
            AND c.status IN ('active', 'unknown')
    )
    -- what stands by is attached only when it is needed
    AND NOT (
        i.workload = 'unattached'
        AND EXISTS (SELECT 1 FROM rests AS r WHERE r.identity_id = i.identity_id)
    )
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
