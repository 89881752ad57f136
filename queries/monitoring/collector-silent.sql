-- title: Identities that feed the monitoring and are silent, disabled or without a valid credential
-- why: R16: a collector that stopped two weeks ago raises no alarm; the control did not operate, and
--   the silence looks like peace.
-- rule: MON-01
-- severity: medium
-- frameworks: soc2: CC7.2, CC7.3, CC7.4, CC7.5; csf: DE.CM-03, DE.AE-02, RS.MA-01; owasp_nhi:
--   NHI2:2025~; nist_800_53: AU-6, IR-4, IR-5; iso_27001: 8.16, 5.24, 5.25, 5.26, 5.27; cis: 8.11, 17
-- unknown: Nothing tells when it was last used, or its account was not read for as long as it may be
--   silent. Collectors are what the matrix or its links name for a monitoring control (CC7.2).
-- remediation: Renew the credential or restart the collector, and ask what happened meanwhile; the
--   control is shown not to have operated in that time.
WITH collectors AS (
    SELECT
        l.instance_id,
        l.tenant_id,
        l.identity_id,
        n.file,
        n.line,
        -- what may be this old as evidence may be silent for as long, unless policy says so at all
        coalesce(s.max_age, to_days(CAST($collector_silent_days AS INTEGER))) AS may_be_silent
    FROM control_links AS l
    JOIN control_instances AS n ON n.instance_id = l.instance_id
    LEFT JOIN evidence_slas AS s ON s.domain = n.domain
    WHERE l.state IN ('linked', 'confirmed')
        AND (list_contains(n.criteria, 'CC7.2') OR n.domain = 'monitoring')
),
events AS (
    SELECT u.identity_id, max(u.occurred_at) AS used_at
    FROM usage_events AS u
    WHERE u.identity_id IS NOT NULL AND u.occurred_at <= $now
    GROUP BY u.identity_id
),
proofs AS (
    SELECT
        coalesce(p.part_of, c.identity_id) AS identity_id,
        count(*) FILTER (
            c.status IN ('active', 'unknown') AND (c.expires_at IS NULL OR c.expires_at > $now)
        ) AS live,
        max(c.expires_at) FILTER (c.status = 'expired' OR c.expires_at <= $now) AS expired_at,
        count(*) FILTER (c.status = 'expired' OR c.expires_at <= $now) AS expired
    FROM credentials AS c
    LEFT JOIN identities AS p ON p.identity_id = c.identity_id
    GROUP BY ALL
),
told AS (
    SELECT
        c.*,
        i.name,
        i.native_id,
        i.owner_id,
        i.account_id AS read_in,
        i.last_seen,
        coalesce(i.enabled, true) AS is_enabled,
        coalesce(g.usage, i.usage) AS usage,
        greatest(coalesce(g.last_used_at, i.last_used_at), e.used_at) AS used_at,
        coalesce(g.usage_unread, CAST([] AS VARCHAR[])) AS usage_unread,
        p.expired_at,
        coalesce(p.expired > 0 AND p.live = 0, false) AS is_expired,
        greatest(i.last_seen, e.used_at) AS known_until
    FROM collectors AS c
    JOIN identities AS i ON i.identity_id = c.identity_id
    LEFT JOIN governed AS g ON g.identity_id = c.identity_id
    LEFT JOIN events AS e ON e.identity_id = c.identity_id
    LEFT JOIN proofs AS p ON p.identity_id = c.identity_id
    WHERE i.class <> 'human'
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT is_enabled THEN 'is disabled'
            WHEN is_expired THEN 'has no credential that has not expired'
            WHEN used_at < known_until - may_be_silent AND len(usage_unread) = 0 THEN 'is silent'
            WHEN used_at IS NULL AND usage = 'never' AND len(usage_unread) = 0 THEN 'was never used'
            WHEN used_at >= $now - may_be_silent THEN NULL
            ELSE 'may be silent'
        END AS problem
    FROM told
)
SELECT
    if(problem = 'may be silent', 'unknown', 'open') AS verdict,
    tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    instance_id,
    identity_id,
    instance_id || ' ' || identity_id AS subject,
    name || ', which feeds ' || instance_id || ', ' || problem AS title,
    name,
    native_id,
    used_at,
    usage,
    expired_at,
    date_part('day', may_be_silent) AS may_be_silent_days,
    known_until,
    owner_id AS remediation_owner_id,
    file,
    line,
    'its use, with a credential that has not expired' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CASE
        WHEN problem <> 'may be silent' THEN CAST([] AS VARCHAR[])
        WHEN len(usage_unread) > 0 THEN usage_unread
        ELSE ['last use of ' || read_in || ': not known']
    END AS unread
FROM judged
WHERE problem IS NOT NULL
ORDER BY tenant_id, instance_id, name, identity_id
