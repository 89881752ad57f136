-- title: Identities that reach both production and what is not
-- why: Test systems are guarded less and changed by more people; whoever is in one has production.
-- rule: SHR-02
-- severity: medium
-- frameworks: soc2: CC6.1, CC8.1; csf: PR.AA-05; owasp_nhi: NHI8:2025; nist_800_53: AC-2(9);
--   iso_27001: 8.31
-- unknown: The read that shows the identity was not whole, or one that could show who acts as it, or
--   what it may do. Accounts of which neither the platform nor a tag (environment, env, stage) tells
--   the environment are in no answer here: name them. What outsiders and the MSP reach is told by
--   third-party-reach and shared-across-tenants.
-- remediation: Give production an identity of its own. What crosses on purpose (a deployer) gets the
--   tag environments, naming each as its accounts do (production+test) or all, and an owner who was
--   named or has attested.
WITH labelled AS (
    SELECT
        a.account_id,
        t.client_group,
        trim(lower(coalesce(
            a.environment,
            a.tags ->> (
                '$."'
                || [k for k in json_keys(a.tags) if lower(k) IN ('environment', 'env', 'stage')][1]
                || '"'
            )
        ))) AS environment
    FROM accounts AS a
    JOIN tenants AS t ON t.tenant_id = a.tenant_id
),
places AS (
    SELECT
        *,
        CASE
            WHEN regexp_matches(environment, '^(prod|production|prd|live)([^a-z].*)?$') THEN 'prod'
            -- what is neither (shared, hub, platform) is meant for all of them
            WHEN regexp_matches(
                    environment,
                    '^(dev|development|test|testing|tst|qa|uat|acc|stage|staging|sandbox|demo|lab'
                    || '|preview|int|integration|pre-?prod|non-?prod)([^a-z].*|uction)?$'
                )
                THEN 'other'
        END AS side
    FROM labelled
),
-- Each way by which one principal, or one piece of material, comes into an account.
entries AS (
    SELECT identity_id, 'principal ' || identity_id AS key, account_id, name AS how
    FROM identities
    UNION ALL
    -- the same principal, let in to several accounts
    SELECT
        identity_id,
        'guest ' || provider || ' ' || coalesce(home_account_id, '') || ' ' || native_id,
        account_id,
        name || ' is let in'
    FROM identities
    WHERE native_type NOT LIKE 'aws.%'
    UNION ALL
    SELECT
        principal_identity_id,
        'principal ' || principal_identity_id,
        account_id,
        'it may act as ' || name
    FROM ways_in
    WHERE principal_identity_id IS NOT NULL AND verdict <> 'unknown'
    UNION ALL
    SELECT
        identity_id,
        'principal ' || identity_id,
        'azure:' || lower(regexp_extract(scope, '^/subscriptions/([^/]+)', 1)),
        role || ' on ' || scope
    FROM grants
    WHERE scope LIKE '/subscriptions/%' AND verdict IN ('granted', 'scoped')
    UNION ALL
    SELECT
        identity_id,
        'material ' || fingerprint,
        account_id,
        'the same ' || replace(kind, '_', ' ') || ' proves ' || holder
    FROM installed_credentials
    WHERE fingerprint IS NOT NULL
        AND identity_id IS NOT NULL
        AND status IN ('active', 'unknown')
),
crossing AS (
    SELECT
        p.client_group,
        list(DISTINCT p.environment ORDER BY p.environment) AS environments,
        -- a few of them say enough, where a thousand do the same
        list(DISTINCT e.account_id ORDER BY e.account_id)[:20] AS accounts,
        list(DISTINCT told ORDER BY told)[:20] AS ways,
        list(DISTINCT e.identity_id) AS identity_ids
    FROM entries AS e
    JOIN places AS p ON p.account_id = e.account_id
    CROSS JOIN LATERAL (SELECT e.how || ' (' || p.environment || ')' AS told)
    WHERE p.side IS NOT NULL
    GROUP BY e.key, p.client_group
    HAVING count(DISTINCT p.side) = 2
),
hung AS (
    SELECT
        identity_id,
        flatten(list(environments)).list_distinct().list_sort() AS environments,
        flatten(list(accounts)).list_distinct().list_sort() AS accounts,
        flatten(list(ways)).list_distinct().list_sort() AS ways
    FROM (SELECT *, unnest(identity_ids) AS identity_id FROM crossing) AS c
    -- of the client whose accounts these are; who comes from elsewhere has none of its environments
    WHERE EXISTS (
        SELECT 1
        FROM identities AS i
        JOIN places AS p ON p.account_id = coalesce(i.home_account_id, i.account_id)
        WHERE i.identity_id = c.identity_id AND p.client_group = c.client_group
    )
    GROUP BY identity_id
)
SELECT
    if(len(i.unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' reaches production and what is not' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    h.environments,
    h.accounts,
    h.ways,
    i.owner_id,
    'an identity for each environment, or its tag and owner' AS would_change,
    i.rests_on,
    i.unread
FROM hung AS h
JOIN governed AS i ON i.identity_id = h.identity_id
WHERE NOT (
    coalesce(i.owner_status IN ('attested', 'declared'), false)
    AND coalesce(
        lower(i.tags ->> 'environments') = 'all'
        OR list_has_all(
            regexp_split_to_array(lower(i.tags ->> 'environments'), '[^a-z0-9-]+'),
            h.environments
        ),
        false
    )
)
UNION ALL BY NAME
SELECT DISTINCT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('identities', 'trusts', 'privilege')
ORDER BY tenant_id, account_id, name, identity_id
