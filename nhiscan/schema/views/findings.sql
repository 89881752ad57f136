-- comment: Rules that fail for a subject, with owner, due date and state.
-- column finding_id: Stable id over scans and machines.
-- column rule: Code of the rule, such as OWN-01.
-- column severity: info, low, medium, high or critical.
-- column tenant_id: The client.
-- column identity_id: The identity it is about; null if about an account or instance.
-- column instance_id: The control instance it is about.
-- column title: What is wrong, in words; holds names from clouds, so hostile text.
-- column owner_id: Who answers for the identity.
-- column backup_id: Who stands in.
-- column first_seen: First scan that showed it.
-- column last_seen: Last scan that showed it; of versions that ended, the scan that began them or earlier.
-- column due_at: When it is to be remediated.
-- column status: open, accepted, resolved, or unknown (its source was not read this time).
-- column remediation: What to do.
-- column frameworks: Controls it touches, as JSON.
-- column evidence: The facts it rests on, where and when read, what would change it, as JSON.
-- column credential_id: The credential it is about, if one.
-- column account_id: The account.
-- column unread: Sources it rests on that were not read whole.
-- column opened_at: When it opened, or came back after it was resolved; due_at counts from here.
-- column resolved_at: When a complete read no longer showed it; null unless resolved.
SELECT f.finding_id, f.rule, f.severity, f.tenant_id, f.identity_id, f.instance_id, f.title,
    f.owner_id, f.backup_id, f.first_seen,
    -- What is open is shown by every scan of its account, so this needs no writing in every scan.
    CASE
        WHEN f.status IN ('open', 'accepted') AND @live(f) THEN greatest(f.last_seen, r.recorded_at)
        ELSE f.last_seen
    END AS last_seen,
    f.due_at, f.status, f.remediation, f.frameworks, f.evidence, f.credential_id, f.account_id,
    f.unread, f.opened_at, f.resolved_at @span(f)
FROM finding_version f
LEFT JOIN (
    SELECT c.tenant_id, if(contains(c.unit, '/plan:'), NULL, c.account_id) AS account_id,
        max(c.recorded_at) AS recorded_at
    FROM coverage_read c
    WHERE @before(c.recorded_at)
    GROUP BY ALL
) r ON r.tenant_id = f.tenant_id AND r.account_id IS NOT DISTINCT FROM
    -- accounts as such are listed by plans, all else is read in the account itself
    if(f.identity_id IS NULL AND f.credential_id IS NULL, NULL, f.account_id)
WHERE @at(f)
