-- The events of one piece of evidence as the file has them, in its order.
SELECT u.tenant_id, u.line, u.identity_ref, strftime(u.occurred_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f'),
    u.target_ref, u.action, u.correlation, u.actor, u.log_source_ref
FROM usage_event AS u
WHERE u.evidence_id = $evidence_id
ORDER BY u.line, u.occurred_at, u.identity_ref
