-- Each claim with the party it names, its weight, and what becomes of it.

CREATE OR REPLACE TEMP TABLE judged_claim AS
SELECT
    -- A text has each reference once, so these tell claims of one identity apart.
    'own_' || left(md5(concat_ws(
        chr(31), c.identity_id, c.signal, c.role, c.evidence, c.text, r.reference
    )), 20) AS claim_key,
    c.identity_id, c.tenant_id, r.party_id, c.role, c.signal, s.weight, s.half_life, s.origin,
    c.observed_at, c.evidence, coalesce(r.reference, c.text) AS reference,
    p.kind AS party_kind, if(c.departed, 'left', p.employment) AS employment, p.manager,
    coalesce(c.departed, false) AS departed,
    CASE
        WHEN c.by_machine THEN 'no owner: made by an automation'
        -- a text too long to be anybody's name is not read at all
        WHEN r.text IS NULL THEN 'no owner: it is longer than any name or address'
        WHEN c.departed THEN 'remembered: the platform says that the account is disabled or deleted; '
            || if(r.party_id IS NULL, '', 'by ') || r.why
        WHEN r.party_id IS NULL THEN 'no owner: ' || r.why
        WHEN p.employment = 'left' AND p.kind = 'person' THEN 'remembered: has left; by ' || r.why
        WHEN p.employment = 'left' THEN 'remembered: no longer exists; by ' || r.why
        WHEN p.kind = 'person' THEN 'counts for a person; by ' || r.why
        ELSE 'counts for a ' || p.kind || ', which is nobody in particular; by ' || r.why
    END AS outcome
FROM raw_claim AS c
LEFT JOIN reading AS r
    ON r.client_group = c.client_group AND r.text = c.text AND NOT coalesce(c.by_machine, false)
LEFT JOIN staged_party AS p ON p.party_id = r.party_id
JOIN signal AS s
    ON s.signal = CASE WHEN c.signal IN (SELECT k.signal FROM signal AS k) THEN c.signal ELSE 'other' END;

CREATE OR REPLACE TEMP TABLE staged_ownership_claim AS
SELECT j.claim_key, j.identity_id, j.tenant_id, j.party_id, j.role, j.signal, j.weight,
    j.observed_at, j.evidence, j.reference, j.outcome
FROM judged_claim AS j;
