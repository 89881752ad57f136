-- comment: What is proven of the life of each identity: created, approved, used, reviewed, rotated, revoked.
-- history: no
-- column tenant_id: The client.
-- column identity_id: The identity; those that are gone too.
-- column stage: created, approved, used, reviewed, rotated or revoked.
-- column happened_at: When.
-- column proof: Where it is known from: the platform, a scan, a piece of evidence, a campaign, an attestation.
-- column detail: Who, or what.
-- column is_sound: Whether it counts: an approval by somebody who could not give it does not.
WITH lives AS (
    SELECT v.identity_id, max_by(v.tenant_id, v.valid_from) AS tenant_id,
        max(v.created_at) AS created_at, min(v.first_seen) AS first_seen,
        coalesce(max_by(v.part_of, v.valid_from), v.identity_id) AS whole_id,
        if(coalesce(bool_or(v.valid_to IS NULL OR NOT @before(v.valid_to)), false), NULL, max(v.valid_to))
            AS gone_at
    FROM identity_version v
    WHERE @before(v.valid_from)
    GROUP BY v.identity_id
),
keys AS (
    -- a part's credentials prove the whole
    SELECT l.whole_id AS identity_id, v.credential_id, min(v.kind) AS kind,
        -- some platforms renew a credential in its place
        min(v.public_id) AS public_id, v.created_at
    FROM credential_version v
    JOIN lives l ON l.identity_id = v.identity_id
    WHERE @before(v.valid_from)
    GROUP BY ALL
),
uses AS (
    SELECT u.subject_id AS identity_id, u.last_used_at, u.source FROM usage_last u
    UNION ALL
    SELECT k.identity_id, u.last_used_at, u.source
    FROM keys k
    JOIN usage_last u ON u.subject_id = k.credential_id
    UNION ALL
    SELECT e.identity_id, e.occurred_at, 'evidence ' || e.evidence_id FROM usage_events e
),
stages AS (
    SELECT l.identity_id, 'created' AS stage, coalesce(l.created_at, l.first_seen) AS happened_at,
        if(l.created_at IS NULL, 'first shown by a scan', 'the platform') AS proof,
        r.created_by AS detail, true AS is_sound
    FROM lives l
    LEFT JOIN resolution_version r ON r.identity_id = l.identity_id AND @at(r)
    UNION ALL
    SELECT a.identity_id, 'approved', a.approved_at, 'evidence ' || a.evidence_id,
        concat_ws(', ', a.approved_by, a.approver_org, a.ticket),
        NOT a.is_own AND coalesce(a.is_entitled, false)
    FROM change_approvals a
    WHERE a.identity_id IS NOT NULL
    UNION ALL
    SELECT u.identity_id, 'used', max(u.last_used_at), 
        -- of sources that saw the same use, always the same one is named
        max_by(u.source, {'at': u.last_used_at, 'by': u.source}), NULL, true
    FROM uses u
    WHERE u.identity_id IS NOT NULL AND u.last_used_at IS NOT NULL AND @before(u.last_used_at)
    GROUP BY u.identity_id
    UNION ALL
    SELECT w.identity_id, 'reviewed', coalesce(w.decided_at, w.recorded_at),
        'campaign ' || w.campaign_id, w.decision || ' by ' || coalesce(w.reviewer_id, w.reviewer_ref),
        w.decision <> 'defer'
    FROM access_reviews w
    WHERE w.identity_id IS NOT NULL AND w.decision IS NOT NULL
    UNION ALL
    SELECT a.identity_id, 'reviewed', a.attested_at, 'attestation',
        a.party_id || if(a.is_owner, ' owns it', ' does not own it'), true
    FROM attestations a
    UNION ALL
    SELECT k.identity_id, 'rotated', k.created_at, 'the platform',
        concat_ws(' ', replace(k.kind, '_', ' '), k.public_id), true
    FROM keys k
    -- the first of its kind is the issue, no rotation
    QUALIFY k.created_at > min(k.created_at) OVER (PARTITION BY k.identity_id, k.kind)
    UNION ALL
    SELECT l.identity_id, 'revoked', l.gone_at, 'no complete read shows it any more', NULL, true
    FROM lives l
    WHERE l.gone_at IS NOT NULL
    UNION ALL
    SELECT r.identity_id, 'revoked', r.ended_at, 'scan ' || coalesce(r.ended_scan, 'unknown'),
        concat_ws(', ', r.ended_as, r.cause, r.ticket), true
    FROM revocations r
    WHERE r.ended_at IS NOT NULL AND r.what = 'identity' AND r.ended_as = 'disabled'
)
SELECT l.tenant_id, s.identity_id, s.stage, s.happened_at, s.proof, s.detail, s.is_sound
FROM stages s
JOIN lives l ON l.identity_id = s.identity_id
