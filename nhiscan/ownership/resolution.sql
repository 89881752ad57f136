-- One row per identity, with an explanation that holds no age or score: those change every day and
-- would rewrite the table at every scan. `nhiscan explain` works them out from the dates here.

-- Claims as JSON texts, the heaviest first: sorting texts costs a third of sorting structs.
CREATE OR REPLACE TEMP TABLE explained AS
WITH told AS (
    SELECT j.identity_id, j.signal, j.party_id, j.reference, j.outcome, j.observed_at, j.expires_at,
        j.counts,
        to_json({
            'weight': j.weight, 'signal': j.signal, 'evidence': left(j.evidence, 200),
            'reference': left(j.reference, 200), 'party': j.party_id, 'role': j.role,
            'half_life_days': j.half_life, 'origin': j.origin, 'counts_for': j.counts_for,
            'counts': j.counts AND j.role <> 'backup', 'employment': j.employment,
            'observed_at': strftime(j.observed_at, '%Y-%m-%dT%H:%M:%SZ'),
            'in_force_until': if(j.signal = 'S1', strftime(j.expires_at, '%Y-%m-%dT%H:%M:%SZ'), NULL),
            'outcome': j.outcome
        })::VARCHAR AS claim
    FROM judged_claim AS j
)
SELECT t.identity_id, '[' || array_to_string(list_reverse_sort(list(t.claim)), ',') || ']' AS claims,
    min(left(t.reference, 80)) FILTER (
        t.signal = 'S3' AND t.party_id IS NULL AND NOT contains(t.outcome, 'placeholder')
    ) AS stranger,
    coalesce(bool_or(contains(t.outcome, 'placeholder')), false) AS placeholder,
    max_by(left(t.reference, 1000), (t.observed_at, t.reference)) FILTER (t.signal = 'S7')
        AS created_by,
    max(t.expires_at) FILTER (t.signal = 'S1' AND t.counts) AS attested_until
FROM told AS t
GROUP BY t.identity_id;

CREATE OR REPLACE TEMP TABLE staged_resolution AS
WITH rivals AS (
    SELECT v.identity_id, list(c.party_id ORDER BY c.place) AS candidates
    FROM verdict AS v
    JOIN candidate AS c ON c.identity_id = v.identity_id AND c.pool = v.pool
    JOIN candidate AS f
        ON f.identity_id = c.identity_id AND f.pool = c.pool AND f.place = 1
        AND c.score > f.score - $margin + $tolerance
    GROUP BY v.identity_id
),
-- What a registration reaches, its principal reaches: one secret proves both.
reaching AS (
    SELECT r.identity_id, r.tenant_id, r.target_tenant_id FROM staged_reach AS r
    UNION ALL
    SELECT i.part_of, r.tenant_id, r.target_tenant_id
    FROM staged_reach AS r
    JOIN identity_version AS i
        ON i.identity_id = r.identity_id AND i.valid_to IS NULL AND i.part_of IS NOT NULL
),
reached AS (
    SELECT r.identity_id, count(DISTINCT r.target_tenant_id) AS tenants
    FROM reaching AS r
    JOIN known_tenant AS own ON own.tenant_id = r.tenant_id
    JOIN known_tenant AS t ON t.tenant_id = r.target_tenant_id
    WHERE t.client_group <> own.client_group
    GROUP BY r.identity_id
)
SELECT v.identity_id, v.tenant_id,
    nullif(h.tenant_id, v.tenant_id) AS home_tenant_id,
    e.created_by, v.owner_id, v.owner_status, 
    round(v.score * if(o.stale IS NULL, 1, $stale_roster), 2) AS owner_confidence, b.backup_id,
    v.last_known_owner_id,
    -- what was not read may lead further: that none is reached is then not known
    if(f.identity_id IS NULL, coalesce(r.tenants, 0), r.tenants) AS reach_tenants,
    coalesce(f.unread, []) AS reach_unread,
    to_json({
        'candidates': coalesce(x.candidates, []),
        'backup': b.basis,
        'roster': coalesce(
            o.stale, if(v.owner_id IS NULL, k.stale, NULL),
            if(e.stranger IS NULL, NULL, $stale::VARCHAR)
        ),
        'next': CASE v.owner_status
            WHEN 'platform' THEN 'nothing: the cloud provider runs it'
            WHEN 'attested' THEN 'a newer attestation, the owner leaving, or the end of this one on '
                || strftime(e.attested_until, '%Y-%m-%d')
            WHEN 'declared' THEN 'an owner tag that names somebody else, or the owner leaving'
            WHEN 'inferred' THEN 'an owner tag, or their own word: it would declare what is only inferred'
            WHEN 'suggested' THEN 'an owner tag, or their own word: it would declare what is only suggested'
            WHEN 'conflict' THEN 'one owner tag, or attestation, that names one of the candidates'
            WHEN 'team_only' THEN 'an owner tag that names one person of the team, or a lead in the roster'
            WHEN 'orphaned' THEN 'an owner tag, or attestation, that names a successor'
            ELSE CASE
                WHEN e.stranger IS NOT NULL THEN 'a roster row that explains ' || e.stranger
                WHEN e.placeholder THEN 'a person in the owner tag, where a placeholder stands'
                WHEN len(u.unread) > 0 THEN 'reading what was not read: ' || u.unread[1]
                ELSE 'an owner tag that names a person of the roster'
            END
        END,
        'thresholds': {
            'accountable': $accountable, 'suggested': $suggested, 'margin': $margin, 'cap': $cap,
            'contact_cap': $contact_cap, 'stale_roster': $stale_roster
        },
        'claims': coalesce(e.claims, '[]')::JSON
    }) AS explanation,
    u.unread AS owner_unread
FROM verdict AS v
LEFT JOIN identity_version AS i ON i.identity_id = v.identity_id AND i.valid_to IS NULL
LEFT JOIN known_account AS h ON h.provider = i.provider AND h.native_id = i.home_account
LEFT JOIN explained AS e ON e.identity_id = v.identity_id
LEFT JOIN staged_party AS o ON o.party_id = v.owner_id
LEFT JOIN staged_party AS k ON k.party_id = v.last_known_owner_id
LEFT JOIN stand_in AS b ON b.identity_id = v.identity_id
LEFT JOIN rivals AS x ON x.identity_id = v.identity_id
LEFT JOIN reached AS r ON r.identity_id = v.identity_id
LEFT JOIN staged_reach_unread AS f ON f.identity_id = v.identity_id
LEFT JOIN owner_blind AS u ON u.identity_id = v.identity_id;
