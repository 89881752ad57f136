-- Whom a document about a client may name: everybody in a roster but the people of other clients.
-- Parameter $tenant: the client.
SELECT parties.party_id, parties.name, parties.kind, parties.email
FROM parties
JOIN tenants AS mine ON mine.tenant_id = $tenant
LEFT JOIN tenants AS theirs ON parties.org = 'client:' || theirs.tenant_id
WHERE mine.kind = 'msp' OR theirs.tenant_id IS NULL
    OR coalesce(theirs.client_group, theirs.tenant_id) = coalesce(mine.client_group, mine.tenant_id)
ORDER BY parties.party_id
