-- title: Identities whose workload is gone
-- why: What it was made for was deleted and it was not: it still may do all that it might.
-- rule: LIF-03
-- severity: medium
-- frameworks: soc2: CC6.2; csf: ID.AM-08; owasp_nhi: NHI1:2025; nist_800_53: AC-2, CM-8;
--   iso_27001: 5.11, 5.18; cis: 6.2
-- unknown: The read that lists it was not whole. Where the platform does not tell what an identity
--   is attached to, it is not in this list.
-- remediation: Check that nothing stands by to use it (disaster recovery, seasonal jobs), take its
--   rights away, then delete it.
SELECT
    if(len(i.unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || if(
        (i.attributes ->> 'workload') = 'gone', ' outlived its workload', ' is attached to nothing'
    ) AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.attributes ->> 'workload' AS workload,
    i.owner_id,
    i.created_at,
    i.last_used_at,
    i.usage,
    'a workload that it is attached to, or its deletion' AS would_change,
    i.rests_on,
    i.unread
FROM governed AS i
WHERE (i.attributes ->> 'workload') IN ('gone', 'unattached')
    -- a federation is a use that leaves nothing attached
    AND NOT EXISTS (
        SELECT 1
        FROM credentials AS c
        WHERE c.identity_id = i.identity_id
            AND c.kind = 'federated_trust'
            AND c.status IN ('active', 'unknown')
    )
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
