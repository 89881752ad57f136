-- comment: What owners answered in their gap lists (`nhiscan import decisions`), every answer.
-- history: no
-- column decision_id: Stable id of the answer.
-- column finding_id: The finding.
-- column tenant_id: The client.
-- column decision: keep, revoke, remediate, accept, reassign or defer.
-- column decided_by: Who answered: a party's id where the roster knows one, else as written.
-- column decided_at: When.
-- column reassign_to: With reassign, whose it is: a party's id; null if that was not said.
-- column defer_until: With defer, the day until which; a wish, which moves no due date.
-- column comment: What was said beside it.
-- column recorded_by: Who imported it.
-- column recorded_at: When.
-- column is_newest: Whether no later answer about this finding is known.
SELECT d.decision_id, d.finding_id, d.tenant_id, d.decision, d.decided_by, d.decided_at,
    d.reassign_to, d.defer_until, d.comment, d.recorded_by, d.recorded_at,
    row_number() OVER (
        PARTITION BY d.finding_id ORDER BY d.decided_at DESC, d.recorded_at DESC, d.rowid DESC
    ) = 1 AS is_newest
FROM finding_decision d
WHERE @before(d.recorded_at)
