SELECT l.state, round(l.confidence, 2) AS confidence, l.grade, l.tenant_id, l.instance_id, i.kind,
    i.name, l.identity_id, l.identity_tenant_id,
    list_transform(
        l.reasons::STRUCT(basis VARCHAR, weight DOUBLE, reason VARCHAR, evidence VARCHAR)[],
        lambda r: r.basis || ' ' || round(r.weight, 2) || ': ' || r.reason || ' (' || r.evidence || ')'
    ) AS reasons,
    l.unread
FROM control_links AS l
LEFT JOIN identities AS i ON i.identity_id = l.identity_id
WHERE (len($states::VARCHAR[]) = 0 OR list_contains($states::VARCHAR[], l.state))
    AND (len($tenants::VARCHAR[]) = 0 OR list_contains($tenants::VARCHAR[], l.tenant_id))
ORDER BY list_position(['suggested', 'linked', 'confirmed', 'rejected'], l.state),
    l.confidence DESC, l.instance_id, i.name, l.identity_id
