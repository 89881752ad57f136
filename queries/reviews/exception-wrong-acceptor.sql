-- title: Exceptions accepted by somebody who may not
-- why: A risk belongs to the client; an engineer of the MSP who accepts it for them accepts nothing.
-- rule: REV-04
-- severity: high
-- frameworks: soc2: CC3.2, CC4.2; csf: ID.RA-06, ID.RA-07; nist_800_53: CA-5, RA-3; iso_27001: 5.2
-- unknown: An acceptor whom no roster knows cannot be shown to be of the client, so it counts as
--   not accepted.
-- remediation: Ask the client's approver (or whom the control names for approval) to accept it, and
--   write that person into exceptions.yaml; until then the finding stays open.
SELECT
    'open' AS verdict,
    e.tenant_id,
    i.account_id,
    e.identity_id,
    e.instance_id,
    e.exception_id AS subject,
    'exception ' || e.exception_id || ' for ' || e.rule || ' on '
        || coalesce(i.name, e.instance_id, e.identity_ref, 'the whole tenant')
        || ' was accepted by ' || CASE
            WHEN e.accepted_id IS NULL THEN 'somebody who is in no roster'
            ELSE e.accepted_ref || ' of ' || coalesce(e.accepted_org, 'no organization')
        END AS title,
    e.exception_id,
    e.rule AS accepted_rule,
    e.reason,
    e.accepted_ref AS accepted_by,
    e.accepted_org,
    e.granted_at,
    e.expires_at,
    e.file,
    e.line,
    'acceptance by a person of the client, or of whom the instance names for approval'
        AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM exceptions AS e
LEFT JOIN identities AS i ON i.identity_id = e.identity_id
WHERE NOT e.is_entitled
    AND (e.identity_ref IS NULL OR i.identity_id IS NOT NULL)
ORDER BY e.tenant_id, e.exception_id
