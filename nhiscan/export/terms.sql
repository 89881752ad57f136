-- Words that name a client: what must not stand in another client's file.
-- kind 'name' has variants (acme dental, acme-dental), the others stand as they are.
WITH clients AS (
    SELECT tenant_id, name, coalesce(client_group, tenant_id) AS client
    FROM tenants
    WHERE kind <> 'msp'
)
SELECT client, 'name' AS kind, tenant_id AS term FROM clients
UNION
SELECT client, 'name', name FROM clients WHERE name IS NOT NULL
UNION
SELECT client, 'name', client FROM clients
UNION
SELECT client, 'id', native_id FROM accounts JOIN clients USING (tenant_id)
UNION
SELECT client, 'id', organization
FROM accounts JOIN clients USING (tenant_id) WHERE organization IS NOT NULL
UNION
-- Google's numbers of projects and folders: they stand in the names of its service agents.
SELECT client, 'id', number
FROM (
    SELECT client, unnest(string_split(path, '/')) AS number
    FROM accounts JOIN clients USING (tenant_id) WHERE path IS NOT NULL
) WHERE regexp_full_match(number, '[0-9]{6,}')
UNION
-- The application of one client that acts in another's account, by the id that is the same in both.
SELECT client, 'id', trusts.principal
FROM trusts JOIN clients ON clients.tenant_id = trusts.principal_tenant_id
WHERE trusts.principal_kind = 'application' AND trusts.relation = 'other_client'
UNION
SELECT client, 'name', parties.name
FROM parties JOIN clients ON parties.org = 'client:' || clients.tenant_id
WHERE parties.kind = 'person' AND parties.name IS NOT NULL
UNION
-- The MSP's own people may have an address at a domain that a client uses too: then it tells nothing.
SELECT client, 'domain', lower(split_part(email, '@', -1)) AS domain
FROM parties JOIN clients ON parties.org = 'client:' || clients.tenant_id
WHERE contains(email, '@') AND domain NOT IN (
    SELECT lower(split_part(email, '@', -1))
    FROM parties WHERE org = 'msp' AND contains(email, '@')
)
ORDER BY ALL
