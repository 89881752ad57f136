-- title: Lasting secrets of what could do without
-- why: A federation already lets its workload in without anything that could be copied; the secret
--   beside it is a second door that nobody needs.
-- rule: CRD-05
-- severity: low
-- frameworks: soc2: CC6.1, CC8.1; csf: PR.AA-03; owasp_nhi: NHI4:2025, NHI6:2025; nist_800_53: IA-9;
--   iso_27001: 8.5
-- unknown: The read that shows the secret or the federation was not whole. Whether something that
--   has no federation could have one cannot be told from here: it is not in this list.
-- remediation: Move what still uses the secret over to the federation, then delete the secret.
WITH proofs AS (
    SELECT
        c.*,
        -- a registration and the principal that acts for it are one
        coalesce(i.part_of, c.identity_id) AS whole_id
    FROM installed_credentials AS c
    JOIN identities AS i ON i.identity_id = c.identity_id
    WHERE c.status IN ('active', 'unknown') AND coalesce(c.expires_at > $now, true)
),
federated AS (
    SELECT
        whole_id,
        count(*) AS federations,
        list(DISTINCT coalesce(attributes ->> 'subject', attributes ->> 'name')) AS federated_with,
        flatten(list(rests_on)) AS rests_on,
        flatten(list(unread)) AS unread
    FROM proofs
    WHERE kind = 'federated_trust'
    GROUP BY whole_id
)
SELECT
    if(
        len(flatten(list(p.unread))) + len(any_value(f.unread)) = 0
        AND bool_or(p.status = 'active'),
        'open',
        'unknown'
    ) AS verdict,
    p.tenant_id,
    p.account_id,
    p.identity_id,
    p.identity_id AS subject,
    any_value(p.holder) || ' has a lasting secret beside a federation' AS title,
    any_value(p.holder) AS holder,
    any_value(p.native_id) AS native_id,
    list(DISTINCT p.kind ORDER BY p.kind) AS kinds,
    list(p.public_id ORDER BY p.created_at, p.credential_id) AS public_ids,
    max(p.last_used_at) AS last_used_at,
    any_value(f.federated_with).list_sort() AS federated_with,
    any_value(p.privilege) AS privilege,
    'no lasting secret, or no federation' AS would_change,
    list_distinct(flatten(list(p.rests_on)) || any_value(f.rests_on)).list_sort() AS rests_on,
    list_distinct(flatten(list(p.unread)) || any_value(f.unread)).list_sort() AS unread
FROM proofs AS p
JOIN federated AS f ON f.whole_id = p.whole_id
WHERE p.kind IN (
        'access_key', 'client_secret', 'certificate', 'service_account_key', 'api_key', 'token'
    )
    -- a certificate that signs what the application says to others lets nobody in
    AND NOT coalesce(contains(p.attributes ->> 'usage', 'sign'), false)
GROUP BY p.tenant_id, p.account_id, p.identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, holder, identity_id
