-- comment: Events of use by tool: whichever of a principal's identities a log names, all of them acted.
-- history: no
-- column tool: Key of the shared principal, or the identity where it is shared by nobody.
-- column identity_id: The identity that the log names.
-- column identity_tenant_id: The tenant that it lies in.
-- column evidence_id: The piece of evidence that it comes from.
-- column line: Line of the file.
-- column occurred_at: When it happened.
-- column target_tenant_id: The client that was acted on: as the log tells; where it tells nothing, the client that the identity itself lies in.
-- column action: What was done, as the log says.
-- column correlation: The ticket or job that it belongs to.
-- column actor: A hint at the person behind it.
-- column log_source_tenant_id: The tenant whose log it is.
-- column starts: Begin of what the piece of evidence tells of: its period, else this tool's first event in it.
-- column ends: End of that.
SELECT coalesce(t.tool, u.identity_id) AS tool, u.identity_id,
    i.tenant_id AS identity_tenant_id, u.evidence_id, u.line, u.occurred_at,
    coalesce(u.target_tenant_id, if(u.target_ref IS NULL, c.tenant_id, NULL)) AS target_tenant_id,
    u.action, u.correlation, u.actor, u.log_source_tenant_id,
    coalesce(e.period_start, min(u.occurred_at) OVER same) AS starts,
    coalesce(e.period_end, max(u.occurred_at) OVER same) AS ends
FROM usage_events u
JOIN evidence e ON e.evidence_id = u.evidence_id AND e.tenant_id = u.tenant_id
JOIN identities i ON i.identity_id = u.identity_id
LEFT JOIN tools t ON t.identity_id = u.identity_id
LEFT JOIN tenants c ON c.tenant_id = i.tenant_id AND c.kind = 'client'
WINDOW same AS (PARTITION BY u.evidence_id, coalesce(t.tool, u.identity_id))
