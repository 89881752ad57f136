-- comment: Records inside pieces of evidence: approvals, incidents, triage, escalations, drills, revocations.
-- history: no
-- column evidence_id: The piece of evidence.
-- column tenant_id: The client.
-- column instance_id: The control instance, if the evidence is about one.
-- column kind: change_approval, incident, triage_record, alert_rule_change, escalation, retrieval_drill or revocation.
-- column identity_id: The identity that the record names; null if nothing, or not one alone, is so called.
-- column record: The record, as JSON; times are ISO 8601 in UTC.
-- column recorded_at: When it was recorded.
SELECT r.evidence_id, r.tenant_id, r.instance_id, r.kind, n.identity_id, r.record, r.recorded_at
FROM (
    SELECT v.body ->> 'evidence_id' AS evidence_id, v.tenant_id,
        v.body ->> 'instance_id' AS instance_id, v.body ->> '$.kind' AS kind,
        unnest(CAST(v.body -> 'records' AS JSON[])) AS record, v.recorded_at
    FROM ledger_entry v
    WHERE v.kind = 'evidence' AND (v.body -> 'records') IS NOT NULL AND @before(v.recorded_at)
) r
LEFT JOIN identity_name_version n
    ON n.tenant_id = r.tenant_id AND n.ref = r.record ->> 'identity' AND @at(n)
