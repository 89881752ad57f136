-- comment: Decisions of access reviews: one row per campaign and identity.
-- history: no
-- column tenant_id: The client.
-- column campaign_id: The campaign.
-- column line: Line of the file.
-- column identity_ref: The identity as written; hostile text.
-- column identity_id: That identity; null if nothing, or not one alone, is so called.
-- column reviewer_ref: Who decided, as written.
-- column reviewer_id: That party; null if nobody that the roster knows.
-- column decision: keep, revoke, remediate, accept, reassign or defer; null if none was made.
-- column justification: Why.
-- column decided_at: When.
-- column seconds_spent: How long it took; null if not told.
-- column recorded_at: When it was recorded.
SELECT r.tenant_id, r.campaign_id, (r.row ->> 'line')::BIGINT AS line,
    r.row ->> 'identity' AS identity_ref, n.identity_id, r.row ->> 'reviewer' AS reviewer_ref,
    r.row ->> 'reviewer_id' AS reviewer_id, r.row ->> 'decision' AS decision,
    r.row ->> 'justification' AS justification,
    (r.row ->> 'decided_at')::TIMESTAMPTZ AS decided_at,
    (r.row ->> 'seconds_spent')::DOUBLE AS seconds_spent, r.recorded_at
FROM (
    SELECT v.tenant_id, v.body ->> 'campaign_id' AS campaign_id,
        unnest(CAST(v.body -> 'rows' AS JSON[])) AS row, v.recorded_at
    FROM ledger_entry v
    WHERE v.kind = 'access_review' AND @before(v.recorded_at)
) r
LEFT JOIN identity_name_version n
    ON n.tenant_id = r.tenant_id AND n.ref = r.row ->> 'identity' AND @at(n)
