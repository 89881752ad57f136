-- Each claim with the party it names, the person it counts for, its weight, and what becomes of it.

CREATE OR REPLACE TEMP TABLE named_claim AS
WITH found AS (
    SELECT c.*, r.reference, coalesce(c.party_id, r.party_id) AS found_id,
        c.party_id IS NULL AND r.text IS NULL AS unreadable,
        if(c.party_id IS NULL, r.why, 'party id') AS why
    FROM raw_claim AS c
    LEFT JOIN reading AS r
        ON r.client_group = c.client_group AND r.text = c.text
        AND c.party_id IS NULL AND NOT coalesce(c.by_machine, false)
)
SELECT f.* EXCLUDE (party_id),
    -- who came back under another id is one person
    p.party_id, p.name, p.kind AS party_kind, p.org, p.employment, p.manager,
    f.why || if(p.party_id <> f.found_id, ', who came back as ' || p.party_id, '') AS how
FROM found AS f
LEFT JOIN staged_party AS q ON q.party_id = f.found_id
LEFT JOIN staged_party AS p
    ON p.party_id = coalesce(q.same_as, q.party_id)
    -- of what people recorded, another client's people are no part of this client's answer
    AND (p.org NOT LIKE 'client:%' OR f.of_msp OR EXISTS (
        FROM known_tenant AS w
        WHERE p.org = 'client:' || w.tenant_id AND w.client_group = f.client_group
    ));

-- The matrix says who answers for a control, and so for what it names as its operator. Where somebody
-- else is declared the owner of that, it is evidence like that of any other control (signal S15).
UPDATE named_claim AS m SET signal = 'S15'
WHERE m.explicit AND EXISTS (
    FROM named_claim AS t
    LEFT JOIN denial AS d ON d.identity_id = t.identity_id AND d.party_id = t.party_id
    WHERE t.identity_id = m.identity_id AND t.party_id <> m.party_id
        AND t.signal IN ('S1', 'S2', 'S3') AND t.role = 'accountable'
        AND NOT coalesce(t.explicit, false)
        AND t.employment <> 'left' AND t.ignored IS NULL AND d.party_id IS NULL
);

-- A team or mailbox is nobody in particular; whoever leads it is, unless they say it is not theirs.
CREATE OR REPLACE TEMP TABLE team_lead AS
SELECT DISTINCT c.identity_id, c.party_id AS team_id, m.party_id, m.name, m.employment, m.manager
FROM named_claim AS c
JOIN staged_party AS l ON l.party_id = c.manager
JOIN staged_party AS m ON m.party_id = coalesce(l.same_as, l.party_id)
LEFT JOIN known_tenant AS w ON m.org = 'client:' || w.tenant_id
LEFT JOIN denial AS d ON d.identity_id = c.identity_id AND d.party_id = m.party_id
WHERE c.party_kind IN ('team', 'mailbox') AND c.employment <> 'left'
    AND m.kind = 'person' AND m.employment <> 'left' AND d.party_id IS NULL
    AND (m.org NOT LIKE 'client:%' OR w.client_group = c.client_group OR c.of_msp);

CREATE OR REPLACE TEMP TABLE judged_claim AS
SELECT
    -- A text has each reference once, so these tell claims of one identity apart.
    'own_' || left(md5(concat_ws(
        chr(31), c.identity_id, c.signal, c.role, c.evidence, c.text, c.reference
    )), 20) AS claim_key,
    c.identity_id, c.tenant_id, c.party_id, c.role, c.signal,
    if(c.role = 'accountable', coalesce(s.accountable, s.weight), s.weight) * c.factor AS weight,
    s.half_life, coalesce(c.origin, s.origin) AS origin, c.observed_at, c.expires_at, c.evidence,
    coalesce(c.reference, c.text) AS reference,
    coalesce(l.party_id, c.party_id) AS counts_for,
    if(l.party_id IS NULL, c.party_kind, 'person') AS party_kind,
    if(c.departed, 'left', coalesce(l.employment, c.employment)) AS employment,
    if(l.party_id IS NULL, c.manager, l.manager) AS manager,
    l.team_id,
    c.party_id IS NOT NULL AND c.ignored IS NULL AND d.party_id IS NULL AS counts,
    coalesce(c.departed AND NOT coalesce(c.by_machine, false), false) AS departed,
    -- somebody who may well be here, but whom no roster explains
    NOT c.unreadable AND c.party_id IS NULL AND NOT coalesce(c.departed, false)
        AND NOT coalesce(c.by_machine, false) AND NOT contains(c.why, 'placeholder') AS stranger,
    CASE
        WHEN c.by_machine THEN 'no owner: made by an automation'
        -- a text too long to be anybody's name is not read at all
        WHEN c.unreadable THEN 'no owner: it is longer than any name or address'
        WHEN d.party_id IS NOT NULL THEN 'does not count: not theirs, said '
            || strftime(d.attested_at, '%Y-%m-%d') || ' by ' || d.attested_by || ', until '
            || strftime(d.expires_at, '%Y-%m-%d')
        WHEN c.ignored IS NOT NULL THEN 'does not count: ' || c.ignored
        WHEN c.departed THEN 'remembered: the platform says that the account is disabled or deleted; '
            || if(c.party_id IS NULL, '', 'by ') || c.how
        WHEN c.party_id IS NULL AND c.found_id IS NOT NULL
            THEN 'no owner: it names nobody in the roster now'
        WHEN c.party_id IS NULL THEN 'no owner: ' || c.why
        WHEN c.employment = 'left' AND c.party_kind = 'person'
            THEN 'remembered: has left; by ' || c.how
        WHEN c.employment = 'left' THEN 'remembered: no longer exists; by ' || c.how
        WHEN c.signal = 'S1' AND c.expires_at > $at::TIMESTAMPTZ THEN 'decides: attested, in force'
            || ' until ' || strftime(c.expires_at, '%Y-%m-%d')
        WHEN c.signal = 'S1' THEN 'counts for a person: attested, but not since '
            || strftime(c.expires_at, '%Y-%m-%d')
        WHEN c.party_kind = 'person' THEN 'counts for a person; by ' || c.how
        WHEN l.party_id IS NOT NULL THEN 'counts for ' || l.name || ', lead of ' || c.party_kind
            || ' ' || c.party_id || '; by ' || c.how
        ELSE 'counts for a ' || c.party_kind || ', which is nobody in particular; by ' || c.how
    END AS outcome
FROM named_claim AS c
LEFT JOIN team_lead AS l ON l.identity_id = c.identity_id AND l.team_id = c.party_id
LEFT JOIN denial AS d ON d.identity_id = c.identity_id AND d.party_id = c.party_id
JOIN signal AS s
    ON s.signal = CASE WHEN c.signal IN (SELECT k.signal FROM signal AS k) THEN c.signal ELSE 'other' END;

CREATE OR REPLACE TEMP TABLE staged_ownership_claim AS
SELECT j.claim_key, j.identity_id, j.tenant_id, j.party_id, j.role, j.signal, j.weight,
    j.observed_at, j.evidence, j.reference, j.outcome
FROM judged_claim AS j;
