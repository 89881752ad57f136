-- comment: Which identities are linked to which control instances, on what bases, and how surely.
-- column instance_id: The control instance.
-- column identity_id: The identity.
-- column basis: All bases: explicit, confirmed, tag, operation, dedicated, role, action_class, name, repository.
-- column confidence: 1 - product(1 - w) over independent bases, at most 0.90 unless explicit or confirmed.
-- column grade: reads, can_change, or operates (may write and was seen to).
-- column state: linked, suggested, confirmed or rejected.
-- column tenant_id: Client of the instance.
-- column identity_tenant_id: Tenant of the identity: of the client, the MSP or a subservice.
-- column reasons: One object per basis: basis, weight, reason, evidence; as a JSON list.
-- column unread: What was not read whole and could change the grade or the link; empty if nothing.
SELECT v.instance_id, v.identity_id, v.basis, v.confidence, v.grade, v.state, v.tenant_id,
    v.identity_tenant_id, v.reasons, v.unread @span(v)
FROM control_link_version v
WHERE @at(v)
