-- title: Identities and credentials that the last scan of their account no longer showed or showed disabled
-- why: R15: the post-check of a revocation is the next reading of the cloud, not the ticket.
-- param: tenant text null only this client
-- param: since time null only what ended at or after this time
-- unknown: Only complete reads end anything; what was not read whole stays as it was.
WITH ended AS (
    SELECT
        h.tenant_id,
        h.account_id,
        'identity' AS what,
        h.identity_id AS subject_id,
        h.name,
        max(h.valid_to) AS ended_at,
        if(bool_and(h.valid_to IS NOT NULL), 'gone', 'disabled') AS state
    FROM identities_history AS h
    GROUP BY ALL
    HAVING bool_and(h.valid_to IS NOT NULL)
    UNION ALL
    SELECT
        i.tenant_id,
        i.account_id,
        'identity',
        i.identity_id,
        i.name,
        max(h.valid_to),
        'disabled'
    FROM identities AS i
    JOIN identities_history AS h ON h.identity_id = i.identity_id
    WHERE NOT i.enabled AND coalesce(h.enabled, true) AND h.valid_to IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT
        c.tenant_id,
        NULL,
        'credential ' || c.kind,
        c.credential_id,
        c.public_id,
        max(c.valid_to),
        'gone'
    FROM credentials_history AS c
    GROUP BY ALL
    HAVING bool_and(c.valid_to IS NOT NULL)
)
SELECT *
FROM ended
WHERE ($tenant IS NULL OR tenant_id = $tenant)
    AND ($since IS NULL OR ended_at >= $since)
ORDER BY tenant_id, ended_at, subject_id, what
