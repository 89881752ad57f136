-- Each exception with the identity that it names (by id, native id, immutable id or a name that only
-- one has, in its tenant) and whether the acceptor may: a person who is here, of an organization that
-- approves. That is whom the instance's duty `approve` names, else the client; in the MSP's own tenant
-- the MSP.
CREATE OR REPLACE TEMP TABLE staged_exception AS
WITH named AS (
    SELECT s.exception_id, i.identity_id
    FROM said_exception AS s
    JOIN identity_version AS i
        ON i.tenant_id = s.tenant_id AND i.valid_to IS NULL
        AND s.identity_ref IN (i.identity_id, i.native_id, i.immutable_id, i.name)
    QUALIFY rank() OVER (
        PARTITION BY s.exception_id
        ORDER BY list_position(
            [i.identity_id, i.native_id, coalesce(i.immutable_id, ''), i.name], s.identity_ref
        )
    ) = 1
),
one AS (
    SELECT n.exception_id, any_value(n.identity_id) AS identity_id
    FROM named AS n GROUP BY n.exception_id HAVING count(DISTINCT n.identity_id) = 1
),
entitled AS (
    SELECT s.exception_id,
        coalesce(
            (
                SELECT d.orgs FROM duty_version AS d
                WHERE d.valid_to IS NULL AND d.instance_id = s.instance_id AND d.duty = 'approve'
                    AND len(d.orgs) > 0
            ),
            [if(t.kind = 'msp', 'msp', 'client')]
        ) AS orgs
    FROM said_exception AS s
    LEFT JOIN tenant_version AS t ON t.tenant_id = s.tenant_id AND t.valid_to IS NULL
)
SELECT s.exception_id, s.tenant_id, s.rule, s.identity_ref, o.identity_id, s.instance_id, s.reason,
    s.requested_ref, s.requested_id, s.accepted_ref, s.accepted_id, p.org AS accepted_org,
    coalesce(
        p.kind = 'person' AND p.employment <> 'left' AND (
            list_contains(e.orgs, p.org)
            OR (list_contains(e.orgs, 'client') AND w.client_group = t.client_group)
            OR (list_contains(e.orgs, 'subservice') AND p.org LIKE 'sub:%')
        ),
        false
    ) AS is_entitled,
    s.granted_at, s.expires_at, s.compensating_control, s.file, s.line
FROM said_exception AS s
JOIN entitled AS e ON e.exception_id = s.exception_id
LEFT JOIN one AS o ON o.exception_id = s.exception_id
LEFT JOIN party_version AS p ON p.party_id = s.accepted_id AND p.valid_to IS NULL
LEFT JOIN tenant_version AS t ON t.tenant_id = s.tenant_id AND t.valid_to IS NULL
LEFT JOIN tenant_version AS w ON p.org = 'client:' || w.tenant_id AND w.valid_to IS NULL;
