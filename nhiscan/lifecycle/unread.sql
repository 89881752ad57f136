-- What the absence of a stage rests on and was not read whole.
SELECT b.topic, unnest(b.unread) AS unread
FROM blind_spots AS b
JOIN identities AS i ON i.tenant_id = b.tenant_id AND i.account_id = b.account_id
WHERE i.identity_id = $identity AND b.topic IN ('usage', 'credentials', 'identities')
    AND (len(b.native_types) = 0 OR list_contains(b.native_types, i.native_type))
ORDER BY ALL
