-- Who owns each identity (governance 3.2, DESIGN 6.1 and 6.2). In this order:
--   platform     the cloud provider runs it
--   attested     the newest attestation is in force and names a person who is here
--   declared     a register or owner tag names a person who is here; two such too close: conflict
--   inferred     the surest person reaches $accountable, with a claim of the accountable role
--   team_only    a register, an owner tag, or $suggested of other evidence, names a team or mailbox
--                without a lead who is here, or a vendor
--   orphaned     an attestation, register or owner tag names a leaver, and nobody above succeeds
--   suggested    the surest person reaches $suggested; two such people too close: conflict
--   orphaned     other evidence of that weight names only people who have left
--   unowned      nothing of the kind
-- A person on leave or under notice is here; so is one whose employment the roster does not tell.
-- A tag stays a declaration however old it is: its age lowers the confidence and decides conflicts.
-- What names a team counts for its lead, and infers at best. Who said "not mine" has no claim.

-- One row per identity, party and whether it is here. Correlated claims count once; the rest
-- multiply. A claim by an account that the platform disabled is a leaver's, the person's others not.
CREATE OR REPLACE TEMP TABLE party_score AS
WITH aged AS (
    SELECT j.*,
        j.signal = 'S1' AND j.expires_at > $at::TIMESTAMPTZ AS in_force,
        j.weight * CASE WHEN in_force OR j.half_life IS NULL OR j.observed_at IS NULL THEN 1 ELSE
            pow(2, -greatest(0, epoch($at::TIMESTAMPTZ - j.observed_at) / 86400) / j.half_life)
        END AS decayed
    FROM judged_claim AS j
    WHERE j.counts AND j.role <> 'backup'
),
by_origin AS (
    SELECT a.identity_id, a.counts_for AS party_id, any_value(a.party_kind) AS party_kind,
        a.employment, any_value(a.manager) AS manager, a.origin,
        max(a.decayed) AS decayed, max(a.weight) AS weight,
        bool_or(a.role = 'accountable') AS accountable, bool_or(a.in_force) AS attested,
        bool_or(
            a.signal IN ('S1', 'S2', 'S3') AND a.role = 'accountable' AND a.team_id IS NULL
            -- an attestation that has ended is evidence like any other
            AND (a.signal <> 'S1' OR a.in_force)
        ) AS declared,
        bool_or(a.signal IN ('S1', 'S2')) AS sure, bool_and(a.signal = 'S12') AS contact
    FROM aged AS a
    GROUP BY a.identity_id, a.counts_for, a.employment, a.origin
)
SELECT o.identity_id, o.party_id, any_value(o.party_kind) AS party_kind,
    o.employment, any_value(o.manager) AS manager,
    least(
        CASE
            WHEN bool_or(o.sure) THEN 1
            WHEN bool_and(o.contact) THEN $contact_cap
            ELSE $cap
        END,
        1 - product(1 - o.decayed ORDER BY o.origin)
    ) AS score,
    max(o.weight) AS weight, bool_or(o.accountable) AS accountable,
    bool_or(o.declared) AS declared, bool_or(o.attested) AS attested
FROM by_origin AS o
GROUP BY o.identity_id, o.party_id, o.employment;

-- Whoever owned it did so by an account that is disabled or deleted, in a roster or not; and nobody
-- else is accountable who may still be here, unknown to the roster.
CREATE OR REPLACE TEMP TABLE abandoned AS
SELECT j.identity_id
FROM judged_claim AS j
WHERE j.role <> 'backup' AND j.weight >= $suggested - $tolerance AND (j.departed OR j.stranger)
    AND (j.counts OR j.party_id IS NULL)
GROUP BY j.identity_id
HAVING bool_or(j.departed) AND NOT bool_or(j.stranger AND j.role = 'accountable');

-- The first and second of every group of candidates, by score.
CREATE OR REPLACE TEMP TABLE candidate AS
WITH grouped AS (
    SELECT s.*, CASE
        WHEN s.employment = 'left' THEN if(s.declared, 'left_declared', 'left')
        WHEN s.party_kind <> 'person' THEN 'team'
        ELSE 'person'
    END AS pool
    FROM party_score AS s
),
pools AS (
    SELECT g.* FROM grouped AS g
    UNION ALL
    SELECT g.* REPLACE ('declared' AS pool) FROM grouped AS g WHERE g.pool = 'person' AND g.declared
)
SELECT p.*, row_number() OVER (
    PARTITION BY p.identity_id, p.pool
    ORDER BY if(p.pool = 'team', p.declared, false) DESC, round(p.score, 9) DESC, p.party_id
) AS place
FROM pools AS p;

CREATE OR REPLACE TEMP TABLE contest AS
SELECT c.identity_id,
    max(c.party_id) FILTER (c.pool = 'person' AND c.attested) AS attested_id,
    max(c.score) FILTER (c.pool = 'person' AND c.attested) AS attested_score,
    max(c.party_id) FILTER (c.pool = 'declared' AND c.place = 1) AS declared_id,
    max(c.score) FILTER (c.pool = 'declared' AND c.place = 1) AS declared_score,
    max(c.score) FILTER (c.pool = 'declared' AND c.place = 2) AS declared_second,
    max(c.party_id) FILTER (c.pool = 'person' AND c.place = 1) AS person_id,
    max(c.score) FILTER (c.pool = 'person' AND c.place = 1) AS person_score,
    max(c.score) FILTER (c.pool = 'person' AND c.place = 2) AS person_second,
    coalesce(bool_or(c.accountable) FILTER (c.pool = 'person' AND c.place = 1), false)
        AS person_accountable,
    max(c.party_id) FILTER (c.pool = 'team' AND c.place = 1) AS team_id,
    max(c.score) FILTER (c.pool = 'team' AND c.place = 1) AS team_score,
    coalesce(bool_or(c.declared) FILTER (c.pool = 'team' AND c.place = 1), false)
        AS team_declared,
    max(c.party_id) FILTER (c.pool = 'left_declared' AND c.place = 1) AS left_declared_id,
    max(c.party_id) FILTER (
        c.pool = 'left' AND c.place = 1 AND c.weight >= $suggested - $tolerance
    ) AS left_id
FROM candidate AS c
GROUP BY c.identity_id;

CREATE OR REPLACE TEMP TABLE verdict AS
WITH decided AS (
    SELECT i.identity_id, i.tenant_id, i.account_id, i.class, c.* EXCLUDE (identity_id),
        coalesce(c.left_declared_id, c.left_id) AS last_known_owner_id,
        CASE
            WHEN i.class = 'platform' THEN 'platform'
            WHEN c.attested_id IS NOT NULL THEN 'attested'
            WHEN c.declared_id IS NOT NULL THEN if(
                c.declared_second > c.declared_score - $margin + $tolerance, 'conflict', 'declared'
            )
            WHEN c.person_accountable AND c.person_score >= $accountable - $tolerance THEN if(
                c.person_second > c.person_score - $margin + $tolerance, 'conflict', 'inferred'
            )
            WHEN c.team_declared OR c.team_score >= $suggested - $tolerance THEN 'team_only'
            WHEN c.left_declared_id IS NOT NULL THEN 'orphaned'
            WHEN c.person_score >= $suggested - $tolerance THEN if(
                c.person_second >= $suggested - $tolerance
                    AND c.person_second > c.person_score - $margin + $tolerance,
                'conflict', 'suggested'
            )
            WHEN c.left_id IS NOT NULL OR b.identity_id IS NOT NULL THEN 'orphaned'
            ELSE 'unowned'
        END AS owner_status
    FROM identity_version AS i
    LEFT JOIN contest AS c ON c.identity_id = i.identity_id
    LEFT JOIN abandoned AS b ON b.identity_id = i.identity_id
    WHERE i.valid_to IS NULL
)
SELECT d.identity_id, d.tenant_id, d.account_id, d.class, d.owner_status, d.last_known_owner_id,
    CASE d.owner_status
        WHEN 'attested' THEN d.attested_id
        WHEN 'declared' THEN d.declared_id
        WHEN 'inferred' THEN d.person_id
        WHEN 'suggested' THEN d.person_id
        WHEN 'team_only' THEN d.team_id
    END AS owner_id,
    CASE d.owner_status
        WHEN 'attested' THEN d.attested_score
        WHEN 'declared' THEN d.declared_score
        WHEN 'inferred' THEN d.person_score
        WHEN 'suggested' THEN d.person_score
        WHEN 'team_only' THEN d.team_score
    END AS score,
    if(d.owner_status = 'conflict', if(d.declared_id IS NULL, 'person', 'declared'), NULL) AS pool
FROM decided AS d;

-- Who stands in: named as backup, else the next person of $suggested, else the manager, marked weak.
CREATE OR REPLACE TEMP TABLE stand_in AS
WITH named AS (
    SELECT v.identity_id, max_by(j.counts_for, (j.weight, j.counts_for)) AS party_id
    FROM verdict AS v
    JOIN judged_claim AS j ON j.identity_id = v.identity_id
    WHERE j.role = 'backup' AND j.signal <> 'S6' AND j.party_kind = 'person'
        AND j.counts AND j.employment <> 'left' AND j.counts_for IS DISTINCT FROM v.owner_id
    GROUP BY v.identity_id
),
-- A directory's word for who an owner's manager is counts as little as a roster's.
directory_managers AS (
    SELECT v.identity_id, min(j.counts_for) AS party_id
    FROM verdict AS v
    JOIN judged_claim AS j ON j.identity_id = v.identity_id
    WHERE j.signal = 'S6' AND j.party_kind = 'person' AND j.counts AND j.employment <> 'left'
        AND j.counts_for IS DISTINCT FROM v.owner_id
        AND v.owner_status NOT IN ('platform', 'conflict', 'unowned')
    GROUP BY v.identity_id
),
claimants AS (
    SELECT c.identity_id, arg_min(c.party_id, c.place) AS party_id
    FROM candidate AS c
    JOIN verdict AS v ON v.identity_id = c.identity_id
    WHERE c.pool = 'person' AND c.score >= $suggested - $tolerance
        AND c.party_id IS DISTINCT FROM v.owner_id
        AND v.owner_status NOT IN ('platform', 'conflict', 'unowned')
    GROUP BY c.identity_id
),
managers AS (
    SELECT v.identity_id, m.party_id
    FROM verdict AS v
    JOIN staged_party AS o ON o.party_id = coalesce(v.owner_id, v.last_known_owner_id)
    JOIN staged_party AS m ON m.party_id = o.manager AND m.party_id <> o.party_id
    JOIN known_tenant AS t ON t.tenant_id = v.tenant_id
    LEFT JOIN known_tenant AS w ON m.org = 'client:' || w.tenant_id
    WHERE m.kind = 'person' AND m.employment <> 'left'
        AND v.owner_status NOT IN ('platform', 'conflict', 'unowned')
        -- another client's people are no part of this client's answer
        AND (m.org NOT LIKE 'client:%' OR w.client_group = t.client_group OR t.kind = 'msp')
)
SELECT v.identity_id,
    coalesce(n.party_id, c.party_id, m.party_id, d.party_id) AS backup_id,
    CASE
        WHEN n.party_id IS NOT NULL THEN 'named as backup'
        WHEN c.party_id IS NOT NULL THEN 'second claimant'
        WHEN coalesce(m.party_id, d.party_id) IS NOT NULL THEN 'manager (weak)'
    END AS basis
FROM verdict AS v
LEFT JOIN named AS n ON n.identity_id = v.identity_id
LEFT JOIN claimants AS c ON c.identity_id = v.identity_id
LEFT JOIN managers AS m ON m.identity_id = v.identity_id
LEFT JOIN directory_managers AS d ON d.identity_id = v.identity_id;
