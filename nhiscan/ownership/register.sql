-- Adds what a register says that is not said already: the newest row of a key holds. A row that does
-- not say when it was true was true when it was imported first.
INSERT INTO imported_claim BY NAME
WITH held AS (
    SELECT c.*
    FROM imported_claim AS c
    QUALIFY row_number() OVER (
        PARTITION BY c.identity_id, c.party_id, c.signal, c.role
        ORDER BY c.imported_at DESC, c.observed_at DESC, c.claim_id DESC
    ) = 1
)
SELECT 'reg_' || left(md5(r.claim_id || strftime($at::TIMESTAMPTZ, '%Y%m%d%H%M%S%f')), 20) AS claim_id,
    r.identity_id, r.tenant_id, r.party_id, r.reference, r.signal, r.role,
    coalesce(r.observed_at, h.observed_at, $at::TIMESTAMPTZ) AS observed_at, r.evidence, r.origin,
    $by AS imported_by, $at::TIMESTAMPTZ AS imported_at
FROM register_row AS r
LEFT JOIN held AS h
    ON h.identity_id = r.identity_id AND h.party_id = r.party_id
    AND h.signal = r.signal AND h.role = r.role
WHERE h.identity_id IS NULL OR h.evidence IS DISTINCT FROM r.evidence
    OR h.origin IS DISTINCT FROM r.origin
    OR (r.observed_at IS NOT NULL AND h.observed_at IS DISTINCT FROM r.observed_at);

DROP TABLE register_row;
