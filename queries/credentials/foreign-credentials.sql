-- title: Credentials planted on other people's applications
-- why: Whoever adds a secret to an application of a vendor or of the platform can act as it, with
--   all that it may do here; attackers keep their way in like that, and its owner never sees it.
-- rule: CRD-10
-- severity: high
-- frameworks: soc2: CC6.1, CC6.3; csf: PR.AA-01, DE.CM-09~; owasp_nhi: NHI4:2025, NHI3:2025~;
--   nist_800_53: IA-5, AC-2; iso_27001: 5.17, 8.5; cis: 5.2~
-- unknown: The read that shows the credential was not whole.
-- remediation: Find who added it and what uses it; delete it, and read what was done with it since
--   it was made.
WITH planted AS (
    SELECT
        c.*,
        i.name,
        i.native_id,
        i.kind AS identity_kind,
        i.class,
        i.privilege,
        i.home_account_id,
        [c.source || ' (' || c.region || ')'] AS rests_on,
        coalesce(
            o.unread, [c.source || ' (' || c.region || '): not asked at the last scan']
        ) AS doubts
    FROM credentials AS c
    JOIN identities AS i ON i.identity_id = c.identity_id
    LEFT JOIN read_spots AS o
        ON o.tenant_id = c.tenant_id
        AND o.account_id = c.account_id
        AND o.source = c.source
        AND o.region = c.region
    WHERE (i.home_account_id <> i.account_id OR i.class = 'platform')
        AND c.status IN ('active', 'unknown')
        AND coalesce(c.expires_at > $now, true)
        AND c.kind <> 'delegation'
        -- what the platform makes and renews by itself nobody planted
        AND (c.attributes ->> 'managed') IS DISTINCT FROM 'true'
)
SELECT
    if(len(doubts) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    credential_id,
    credential_id AS subject,
    replace(kind, '_', ' ') || coalesce(' ' || public_id, '') || ' was added to ' || name
        || if(class = 'platform', ', which the platform runs', ', whose home is elsewhere') AS title,
    name,
    native_id,
    identity_kind,
    class,
    home_account_id,
    privilege,
    kind,
    public_id,
    status,
    created_at,
    expires_at,
    last_used_at,
    'its deletion' AS would_change,
    rests_on,
    doubts AS unread
FROM planted
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, name, credential_id
