-- Identities that the matrix names by an id, and what people decided about links.

-- The forms in which an operator may name an identity: its native id, its immutable id or ours,
-- plain or after the provider's name, and entra:app:<application id>.
CREATE OR REPLACE TEMP TABLE link_operator AS
WITH given AS (
    SELECT o.instance_id, o.position, o.line, o.native_id AS text,
        split_part(o.native_id, ':', 1) AS head
    FROM operator_version AS o
    WHERE o.valid_to IS NULL AND o.native_id IS NOT NULL
),
read AS (
    SELECT g.*, CASE
            WHEN g.head = 'entra' THEN 'azure'
            WHEN g.head IN (SELECT DISTINCT i.provider FROM identity_version AS i) THEN g.head
        END AS provider,
        starts_with(g.text, 'entra:app:') AS is_application
    FROM given AS g
)
SELECT DISTINCT r.instance_id, r.position, r.line, r.text, r.provider, r.is_application,
    unnest([n.name, lower(n.name)]) AS name
FROM read AS r
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.is_application THEN r.text[11:]
        WHEN r.provider IS NOT NULL THEN r.text[length(r.head) + 2:]
        ELSE r.text
    END AS name
) AS n;

-- Microsoft's ids are told in any case; an object is also known by its own id without its directory.
CREATE OR REPLACE TEMP TABLE link_name AS
WITH names AS (
    SELECT i.identity_id, i.provider, false AS is_application,
        unnest([i.identity_id, i.native_id, i.immutable_id]) AS name
    FROM link_identity AS i
    UNION ALL
    SELECT i.identity_id, i.provider, false, split_part(i.native_id, '/', -1)
    FROM link_identity AS i
    WHERE i.provider = 'azure' AND contains(i.native_id, '/')
    UNION ALL
    SELECT i.identity_id, i.provider, true, i.app_id FROM link_identity AS i
    WHERE i.app_id IS NOT NULL
)
SELECT DISTINCT n.identity_id, n.provider, n.is_application,
    if(n.provider = 'azure', lower(n.name), n.name) AS name
FROM names AS n
WHERE n.name IS NOT NULL;

-- The client's own go before the MSP's and a subservice's; another client's never operate for it.
CREATE OR REPLACE TEMP TABLE link_named AS
WITH found AS (
    SELECT DISTINCT c.instance_id, o.position, o.line, o.text, c.file, i.whole_id AS identity_id,
        i.native_id, i.account_id,
        CASE WHEN i.client_group = c.client_group THEN 0 WHEN i.tenant_kind = 'msp' THEN 1 ELSE 2
        END AS rank
    FROM link_operator AS o
    JOIN link_name AS n
        ON n.name = o.name AND (o.provider IS NULL OR n.provider = o.provider)
        AND (n.is_application OR NOT o.is_application)
    JOIN link_identity AS i ON i.identity_id = n.identity_id
    JOIN link_instance AS c
        ON c.instance_id = o.instance_id
        AND (i.client_group = c.client_group OR i.tenant_kind IN ('msp', 'subservice'))
),
nearest AS (
    SELECT f.*, min(f.rank) OVER (PARTITION BY f.instance_id, f.position) AS best
    FROM found AS f
)
SELECT f.* EXCLUDE (best, rank),
    count(DISTINCT f.identity_id) OVER (PARTITION BY f.instance_id, f.position) AS named,
    -- A name is bound to what it first named: whoever made it again may not be who was meant.
    EXISTS (
        FROM control_link_version AS l
        JOIN identity_version AS was ON was.identity_id = l.identity_id
        WHERE l.instance_id = f.instance_id AND list_contains(l.basis, 'explicit')
            AND l.identity_id <> f.identity_id AND was.native_id = f.native_id
            AND was.account_id = f.account_id
            AND NOT EXISTS (
                FROM identity_version AS still
                WHERE still.identity_id = l.identity_id AND still.valid_to IS NULL
            )
    ) AS made_again
FROM nearest AS f
WHERE f.rank = f.best;

INSERT INTO link_basis
SELECT n.instance_id, n.identity_id, 'explicit',
    if(bool_or(NOT n.made_again), $w_explicit::DOUBLE, $w_made_again::DOUBLE),
    'the matrix names ' || min(n.text)
        || if(max(n.named) > 1, ', which is what ' || max(n.named) || ' identities are called', '')
        || if(bool_or(NOT n.made_again), '',
            '; but another identity of that name was meant, and is gone: confirm this one'),
    min(n.file || ':' || n.line)
FROM link_named AS n
GROUP BY n.instance_id, n.identity_id;

-- Decisions hold while the identity may operate for the client at all; the newest counts.
CREATE OR REPLACE TEMP TABLE link_decided AS
SELECT d.instance_id, i.whole_id AS identity_id,
    arg_max(d, (d.recorded_at, d.decision = 'reject')) AS latest
FROM link_decision AS d
JOIN link_instance AS c ON c.instance_id = d.instance_id
JOIN link_identity AS i
    ON i.identity_id = d.identity_id
    AND (i.client_group = c.client_group OR i.tenant_kind IN ('msp', 'subservice'))
GROUP BY d.instance_id, i.whole_id;

INSERT INTO link_basis
SELECT d.instance_id, d.identity_id, 'confirmed', $w_explicit::DOUBLE,
    'confirmed by ' || d.latest.decided_by || coalesce(': ' || d.latest.reason, ''),
    strftime(d.latest.decided_at, '%Y-%m-%d')
FROM link_decided AS d
WHERE d.latest.decision = 'confirm';
