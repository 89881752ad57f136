-- comment: Events of use of identities, as imported: who acted for which client, and under which ticket.
-- history: no
-- column evidence_id: The piece of evidence that it comes from.
-- column tenant_id: The tenant under which it was imported.
-- column line: Line of the file.
-- column identity_ref: The identity as written; hostile text.
-- column identity_id: That identity; null if nothing, or not one alone, is so called.
-- column occurred_at: When it happened.
-- column target_ref: The client that was acted on, as written; null if the log does not tell.
-- column target_tenant_id: That tenant; null if not told or not known.
-- column action: What was done, as the log says.
-- column correlation: The ticket or job that it belongs to.
-- column actor: A hint at the person behind it.
-- column log_source_tenant_id: The tenant whose log it is.
WITH tenant_names AS (
    SELECT t.name, any_value(t.tenant_id) AS tenant_id FROM tenants t GROUP BY t.name HAVING count(*) = 1
)
SELECT u.evidence_id, u.tenant_id, u.line, u.identity_ref, n.identity_id, u.occurred_at,
    u.target_ref, coalesce(t.tenant_id, m.tenant_id) AS target_tenant_id, u.action, u.correlation,
    u.actor, s.tenant_id AS log_source_tenant_id
FROM usage_event u
LEFT JOIN identity_name_version n
    ON n.tenant_id = u.tenant_id AND n.ref = u.identity_ref AND @at(n)
LEFT JOIN tenants t ON t.tenant_id = u.target_ref
LEFT JOIN tenant_names m ON m.name = u.target_ref
LEFT JOIN tenants s ON s.tenant_id = u.log_source_ref
JOIN ledger_entry v
    ON v.kind = 'evidence' AND v.tenant_id = u.tenant_id AND v.body ->> 'evidence_id' = u.evidence_id
WHERE @before(v.recorded_at)
