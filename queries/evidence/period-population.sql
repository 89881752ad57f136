-- title: Every identity that a client had at any time in a period: the population to sample from
-- why: R13 and R22: created, changed and revoked in the period, with what was there at its end.
-- param: tenant text null only this client
-- param: from time null begin of the period; default all time
-- param: to time null first moment after it; default now
-- unknown: An identity counts from the first scan that showed it to the complete read that no longer
--   did; between two scans nothing is known.
WITH versions AS (
    SELECT h.*
    FROM identities_history AS h
    WHERE ($tenant IS NULL OR h.tenant_id = $tenant)
        AND ($to IS NULL OR h.valid_from < $to)
        AND ($from IS NULL OR h.valid_to IS NULL OR h.valid_to > $from)
)
SELECT
    v.tenant_id,
    v.account_id,
    v.identity_id,
    max_by(v.kind, v.valid_from) AS kind,
    max_by(v.native_id, v.valid_from) AS native_id,
    max_by(v.name, v.valid_from) AS name,
    max_by(v.class, v.valid_from) AS class,
    max_by(v.privilege, v.valid_from) AS privilege,
    max_by(v.owner_id, v.valid_from) AS owner_id,
    max_by(v.owner_status, v.valid_from) AS owner_status,
    max_by(v.enabled, v.valid_from) AS enabled,
    any_value(v.created_at) AS created_at,
    min(v.first_seen) AS first_seen,
    bool_or(v.valid_to IS NULL OR ($to IS NOT NULL AND v.valid_to > $to)) AS present_at_end,
    if(present_at_end, NULL, max(v.valid_to)) AS gone_at,
    coalesce(
        ($from IS NULL OR coalesce(any_value(v.created_at), min(v.first_seen)) >= $from), false
    ) AS is_new,
    count(DISTINCT v.valid_from) AS versions
FROM versions AS v
GROUP BY v.tenant_id, v.account_id, v.identity_id
ORDER BY v.tenant_id, v.account_id, v.identity_id
