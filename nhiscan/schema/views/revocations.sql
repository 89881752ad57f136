-- comment: What was to be revoked, why, and what the scans saw of it: identities that a record names, and credentials of identities whose owner, or whoever made them, left.
-- history: no
-- column cause: leaver, or what the record says: decommission, offboarded_client …
-- column tenant_id: The client.
-- column account_id: The account.
-- column what: identity, or the kind of the credential.
-- column subject_id: The identity or credential.
-- column identity_id: The identity that it is or proves.
-- column name: The identity's name; hostile text.
-- column public_id: Of a credential at most the last four characters.
-- column privilege: Of the identity, as in identities.
-- column party_id: Who left; null if a record asks for it.
-- column triggered_at: When it became due to be revoked.
-- column told_at: When it was disabled or deleted, as the record says.
-- column last_live_at: Last complete read that showed it working; null if none did since it was first seen.
-- column last_live_scan: That scan.
-- column ended_at: First complete read that no longer did; null while it works.
-- column ended_scan: That scan.
-- column ended_as: gone or disabled; null while it works.
-- column checked_at: Last complete read of where it is found; null if there was none.
-- column spot: Where it is found, as source (region).
-- column evidence_id: The record.
-- column ticket: The ticket that the record names.
WITH versions AS (
    SELECT v.identity_id AS subject_id, 'identity' AS what, v.identity_id, v.tenant_id, v.account_id,
        v.name, NULL AS public_id, v.created_at, v.source, v.region, v.valid_from,
        CASE WHEN @before(v.valid_to) THEN v.valid_to END AS valid_to,
        v.enabled IS DISTINCT FROM false AS is_live
    FROM identity_version v
    WHERE @before(v.valid_from)
    UNION ALL
    SELECT v.credential_id, v.kind, v.identity_id, v.tenant_id, v.account_id, NULL, v.public_id,
        v.created_at, v.source, v.region, v.valid_from,
        CASE WHEN @before(v.valid_to) THEN v.valid_to END, v.status IN ('active', 'unknown')
    FROM credential_version v
    WHERE @before(v.valid_from) AND v.identity_id IS NOT NULL
        AND v.kind NOT IN ('federated_trust', 'oidc_provider', 'saml_provider')
        AND (v.attributes ->> 'managed') IS DISTINCT FROM 'true'
),
known AS (
    SELECT v.identity_id, max_by(v.tenant_id, v.valid_from) AS tenant_id,
        max_by(v.name, v.valid_from) AS name, max_by(v.privilege, v.valid_from) AS privilege,
        max_by(v.native_id, v.valid_from) AS native_id,
        max_by(v.immutable_id, v.valid_from) AS immutable_id,
        max_by(v.class, v.valid_from) AS class,
        coalesce(max_by(v.part_of, v.valid_from), v.identity_id) AS whole_id
    FROM identity_version v
    WHERE @before(v.valid_from)
    GROUP BY v.identity_id
),
-- Whom the resolver held for the owner on the day, or last before they left, and who made a credential.
held AS (
    SELECT r.identity_id, p.party_id, p.since::TIMESTAMPTZ AS since
    FROM parties p
    JOIN resolution_version r ON r.last_known_owner_id = p.party_id AND @before(r.valid_from)
    WHERE p.employment = 'left' AND p.since IS NOT NULL
    UNION
    SELECT r.identity_id, p.party_id, p.since::TIMESTAMPTZ
    FROM parties p
    JOIN resolution_version r ON r.owner_id = p.party_id AND @before(r.valid_from)
    WHERE p.employment = 'left' AND p.since IS NOT NULL
        AND coalesce(r.valid_to, TIMESTAMPTZ 'infinity') > p.since
    UNION
    SELECT c.identity_id, p.party_id, p.since::TIMESTAMPTZ
    FROM parties p
    JOIN ownership_claims c ON c.party_id = p.party_id AND c.signal IN ('S7', 'S8')
    WHERE p.employment = 'left' AND p.since IS NOT NULL
),
leavers AS (
    SELECT DISTINCT 'leaver' AS cause, v.subject_id, h.party_id, h.since AS triggered_at
    FROM held h
    JOIN known k ON k.whole_id = h.identity_id
    JOIN versions v ON v.identity_id = k.identity_id AND v.what <> 'identity'
    WHERE k.class NOT IN ('human', 'platform') AND (v.created_at IS NULL OR v.created_at < h.since)
),
-- What a record names may be gone by now, so that no name stands for it any more.
asked AS (
    SELECT r.tenant_id, r.evidence_id, r.record, n.identity_id
    FROM evidence_records r
    LEFT JOIN identity_name_version n
        ON n.tenant_id = r.tenant_id AND n.ref = r.record ->> 'identity' AND n.valid_to IS NULL
    WHERE r.kind = 'revocation'
),
former AS (
    SELECT a.tenant_id, a.evidence_id, a.record, any_value(k.identity_id) AS identity_id
    FROM asked a
    JOIN tenants w ON w.tenant_id = a.tenant_id
    JOIN known k ON a.record ->> 'identity' IN (k.identity_id, k.native_id, k.immutable_id, k.name)
    JOIN tenants t ON t.tenant_id = k.tenant_id
    WHERE a.identity_id IS NULL
        AND (w.kind = 'msp' OR t.kind <> 'client' OR t.client_group = w.client_group)
    GROUP BY ALL
    HAVING count(DISTINCT k.identity_id) = 1
),
recorded AS (
    SELECT coalesce(nullif(trim(a.record ->> 'trigger'), ''), 'decommission') AS cause,
        coalesce(a.identity_id, f.identity_id) AS subject_id,
        (a.record ->> 'triggered_at')::TIMESTAMPTZ AS triggered_at,
        least(
            (a.record ->> 'disabled_at')::TIMESTAMPTZ, (a.record ->> 'deleted_at')::TIMESTAMPTZ
        ) AS told_at,
        a.evidence_id, a.record ->> 'ticket' AS ticket
    FROM asked a
    LEFT JOIN former f ON f.evidence_id = a.evidence_id AND f.record = a.record
),
due AS (
    SELECT l.cause, l.subject_id, l.party_id, l.triggered_at, NULL::TIMESTAMPTZ AS told_at,
        NULL AS evidence_id, NULL AS ticket
    FROM leavers l
    UNION ALL
    SELECT r.cause, r.subject_id, NULL, r.triggered_at, r.told_at, r.evidence_id, r.ticket
    FROM recorded r
    WHERE r.subject_id IS NOT NULL
    -- one subject, one reason: the first; what is recorded of the same again is the newer word
    QUALIFY row_number() OVER (
        PARTITION BY r.subject_id, r.cause, r.triggered_at ORDER BY r.told_at NULLS LAST
    ) = 1
),
seen AS (
    SELECT v.subject_id, v.triggered_at, any_value(v.what) AS what,
        any_value(v.identity_id) AS identity_id,
        max_by(v.tenant_id, v.valid_from) AS tenant_id,
        max_by(v.account_id, v.valid_from) AS account_id,
        max_by(v.public_id, v.valid_from) AS public_id,
        max_by(v.source, v.valid_from) AS source, max_by(v.region, v.valid_from) AS region,
        coalesce(bool_or(v.was_live AND v.valid_to IS NULL), false) AS is_live,
        if(bool_or(v.valid_to IS NULL AND NOT v.is_renewed), 'disabled', 'gone') AS as_what,
        max(v.valid_to) FILTER (v.was_live) AS ended_at,
        min(v.valid_from) FILTER (v.was_live) AS live_from
    FROM (
        -- what some platforms renew in its place has ended as what it was
        SELECT w.*, d.triggered_at,
            w.what <> 'identity' AND coalesce(w.created_at >= d.triggered_at, false) AS is_renewed,
            w.is_live AND NOT is_renewed AS was_live
        FROM (SELECT DISTINCT x.subject_id, x.triggered_at FROM due x) d
        JOIN versions w ON w.subject_id = d.subject_id
    ) v
    GROUP BY v.subject_id, v.triggered_at
),
reads AS (
    SELECT s.subject_id, s.triggered_at, max(c.recorded_at) AS checked_at,
        max(c.recorded_at) FILTER (s.is_live OR c.recorded_at < s.ended_at) AS last_live_at,
        max_by(c.scan_id, c.recorded_at) FILTER (s.is_live OR c.recorded_at < s.ended_at)
            AS last_live_scan,
        any_value(c.scan_id) FILTER (c.recorded_at = s.ended_at) AS ended_scan
    FROM seen s
    JOIN coverage c
        ON c.tenant_id = s.tenant_id AND c.account_id = s.account_id AND c.source = s.source
        AND c.region = s.region AND c.state = 'complete' AND c.recorded_at >= s.live_from
    GROUP BY s.subject_id, s.triggered_at
)
SELECT d.cause, s.tenant_id, s.account_id, s.what, d.subject_id, s.identity_id, k.name, s.public_id,
    k.privilege, d.party_id, d.triggered_at, d.told_at, r.last_live_at, r.last_live_scan,
    if(s.is_live, NULL, s.ended_at) AS ended_at, if(s.is_live, NULL, r.ended_scan) AS ended_scan,
    if(s.is_live, NULL, s.as_what) AS ended_as, r.checked_at,
    s.source || ' (' || s.region || ')' AS spot, d.evidence_id, d.ticket
FROM due d
JOIN seen s ON s.subject_id = d.subject_id AND s.triggered_at = d.triggered_at
JOIN known k ON k.identity_id = s.identity_id
LEFT JOIN reads r ON r.subject_id = d.subject_id AND r.triggered_at = d.triggered_at
-- what ended before there was a reason was not ended for it
WHERE s.is_live OR s.ended_at > d.triggered_at
