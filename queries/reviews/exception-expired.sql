-- title: Exceptions that have run out
-- why: Somebody accepted a risk until a day, the day has passed, and nobody decided again.
-- rule: REV-02
-- severity: medium
-- frameworks: soc2: CC3.2, CC4.2; csf: ID.RA-06, ID.RA-07; nist_800_53: CA-5, RA-3; iso_27001: 5.2
-- unknown: What an exception names and no store knows any more is left out: what is gone needs no
--   decision.
-- remediation: Remediate what was accepted, or have the client's approver accept it again with a new
--   day; take the row out of exceptions.yaml once what it was about is gone.
SELECT
    'open' AS verdict,
    e.tenant_id,
    i.account_id,
    e.identity_id,
    e.instance_id,
    e.exception_id AS subject,
    'exception ' || e.exception_id || ' for ' || e.rule || ' on '
        || coalesce(i.name, e.instance_id, e.identity_ref, 'the whole tenant') || ' has run out' AS title,
    e.exception_id,
    e.rule AS accepted_rule,
    e.reason,
    e.accepted_ref AS accepted_by,
    e.granted_at,
    e.expires_at,
    e.file,
    e.line,
    'a new decision, or no such row once the finding is gone' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM exceptions AS e
LEFT JOIN identities AS i ON i.identity_id = e.identity_id
WHERE e.expires_at <= CAST($now AS DATE)
    -- who decided again, in a row of its own, has decided
    AND NOT EXISTS (
        FROM exceptions AS r
        WHERE r.tenant_id = e.tenant_id
            AND r.rule = e.rule
            AND r.identity_id IS NOT DISTINCT FROM e.identity_id
            AND (r.identity_ref IS NULL) = (e.identity_ref IS NULL)
            AND r.instance_id IS NOT DISTINCT FROM e.instance_id
            AND r.is_entitled
            AND r.granted_at <= CAST($now AS DATE)
            AND r.expires_at > CAST($now AS DATE)
    )
    -- what is gone needs no decision
    AND (e.identity_ref IS NULL OR i.identity_id IS NOT NULL)
ORDER BY e.tenant_id, e.expires_at, e.exception_id
