-- Puts the bases together: how sure each link is, what its identity does there, and who answers.

-- Who may do much is capable of everything a little: that counts beside other bases only. Alone it
-- never suggests a link, and there would be a row for every administrator and instance.
INSERT INTO link_basis
SELECT p.instance_id, p.identity_id, k.basis, k.weight, w.reason, k.evidence
FROM (SELECT DISTINCT b.instance_id, b.identity_id FROM link_basis AS b) AS p
JOIN link_identity AS i ON i.identity_id = p.identity_id AND i.inferable
JOIN link_fit AS f ON f.instance_id = p.instance_id AND f.client_group = i.client_group
JOIN link_capable AS k ON k.identity_id = p.identity_id AND k.capability = f.capability
JOIN capability AS w ON w.capability = k.capability
WHERE k.weight < $suggested::DOUBLE - $tolerance::DOUBLE;

-- A class of actions follows from the role that gives it, so the two are one origin; all other
-- bases are independent.
CREATE OR REPLACE TEMP TABLE link_scored AS
WITH origins AS (
    SELECT b.instance_id, b.identity_id, if(b.basis = 'action_class', 'role', b.basis) AS origin,
        max(b.weight) AS weight
    FROM link_basis AS b
    GROUP BY ALL
),
summed AS (
    SELECT o.instance_id, o.identity_id, if(
            max(o.weight) >= 1, 1.0, least(1 - product(1 - o.weight), $cap::DOUBLE)
        ) AS confidence
    FROM origins AS o
    GROUP BY ALL
),
states AS (
    SELECT coalesce(s.instance_id, d.instance_id) AS instance_id,
        coalesce(s.identity_id, d.identity_id) AS identity_id,
        coalesce(s.confidence, 0) AS confidence,
        CASE
            WHEN d.latest.decision = 'reject' THEN 'rejected'
            WHEN d.latest.decision = 'confirm' THEN 'confirmed'
            WHEN s.confidence >= $linked::DOUBLE - $tolerance::DOUBLE THEN 'linked'
            WHEN s.confidence >= $suggested::DOUBLE - $tolerance::DOUBLE THEN 'suggested'
        END AS state,
        d.latest
    FROM summed AS s
    FULL JOIN link_decided AS d
        ON d.instance_id = s.instance_id AND d.identity_id = s.identity_id
)
SELECT s.*, i.tenant_id AS identity_tenant_id, i.account_id, i.native_type, i.provider,
    i.privilege, i.source, i.region, i.tags_unread, c.tenant_id, c.client_group,
    c.starts_at, c.ends_at, c.accountable_id, i.client_group = c.client_group AS own
FROM states AS s
JOIN link_instance AS c ON c.instance_id = s.instance_id
JOIN link_identity AS i ON i.identity_id = s.identity_id
WHERE s.state IS NOT NULL;

-- Of each basis the strongest reason.
CREATE OR REPLACE TEMP TABLE link_grounds AS
WITH strongest AS (
    SELECT b.*
    FROM link_basis AS b
    SEMI JOIN link_scored AS s ON s.instance_id = b.instance_id AND s.identity_id = b.identity_id
    QUALIFY row_number() OVER (
        PARTITION BY b.instance_id, b.identity_id, b.basis
        ORDER BY b.weight DESC, b.reason, b.evidence
    ) = 1
)
SELECT g.instance_id, g.identity_id,
    list(g.basis ORDER BY g.weight DESC, g.basis) AS basis,
    bool_or(g.basis IN ('explicit', 'confirmed', 'tag')) AS told,
    list(
        {'basis': g.basis, 'weight': round(g.weight, 4), 'reason': g.reason, 'evidence': g.evidence}
        ORDER BY g.weight DESC, g.basis
    ) AS reasons
FROM strongest AS g
GROUP BY ALL;

-- What an outsider may do in the client's accounts: rights given there, and those of an identity
-- there that it may act as, one step away. More steps are not followed.
CREATE OR REPLACE TEMP TABLE link_power AS
WITH outsiders AS (
    SELECT DISTINCT s.identity_id, s.client_group FROM link_scored AS s WHERE NOT s.own
)
SELECT s.identity_id, s.client_group, g.action_class, false AS changes
FROM (SELECT DISTINCT l.identity_id, l.client_group FROM link_scored AS l WHERE l.own) AS s
JOIN link_grant AS g ON g.identity_id = s.identity_id
UNION
SELECT o.identity_id, o.client_group, g.action_class, false
FROM outsiders AS o
JOIN grant_version AS g ON g.identity_id = o.identity_id
JOIN known_account AS a
    ON a.provider = g.provider AND a.native_id = g.scope_account AND a.client_group = o.client_group
WHERE g.valid_to IS NULL AND g.acts_as IS NULL AND g.verdict IN ('granted', 'scoped')
UNION
SELECT o.identity_id, o.client_group, g.action_class, i.privilege IN ('write', 'admin')
FROM outsiders AS o
JOIN trust_relation_version AS r
    ON r.principal_identity_id = o.identity_id AND r.valid_to IS NULL
JOIN trust_version AS t
    ON t.trust_id = r.trust_id AND t.valid_to IS NULL
    AND t.verdict NOT IN ('broken', 'dangling', 'unknown')
JOIN link_identity AS i ON i.identity_id = t.identity_id AND i.client_group = o.client_group
LEFT JOIN link_grant AS g ON g.identity_id = i.identity_id;

CREATE OR REPLACE TEMP TABLE link_able AS
WITH wanted AS (
    SELECT f.instance_id, list(DISTINCT k.action_class) AS classes
    FROM link_fit AS f
    JOIN capability_class AS k ON k.capability = f.capability
    WHERE k.action_class <> 'read'
    GROUP BY f.instance_id
)
SELECT s.instance_id, s.identity_id,
    -- A class of actions may be had for reading alone: who is known to only read changes nothing.
    NOT (s.own AND s.privilege IN ('read', 'none')) AND (
        -- Where it was told that the identity does this, any right to change may be the one it uses.
        coalesce(g.told, false) AND (
            (s.own AND s.privilege IN ('write', 'admin'))
            OR coalesce(bool_or(p.changes OR p.action_class NOT IN ('read', 'data')), false)
        )
        OR w.classes IS NOT NULL AND coalesce(
            bool_or(p.action_class = 'admin' OR list_contains(w.classes, p.action_class)), false
        )
    ) AS able
FROM link_scored AS s
LEFT JOIN link_grounds AS g ON g.instance_id = s.instance_id AND g.identity_id = s.identity_id
LEFT JOIN link_power AS p ON p.identity_id = s.identity_id AND p.client_group = s.client_group
LEFT JOIN wanted AS w ON w.instance_id = s.instance_id
GROUP BY s.instance_id, s.identity_id, s.own, s.privilege, g.told, w.classes;

-- Seen at it in the period so far. Where the service is known it must fit the control.
CREATE OR REPLACE TEMP TABLE link_seen AS
SELECT DISTINCT s.instance_id, s.identity_id
FROM link_scored AS s
JOIN link_use AS u
    ON u.identity_id = s.identity_id AND u.client_group = s.client_group
    AND u.used_at >= s.starts_at AND u.used_at < s.ends_at
WHERE u.service IS NULL
    OR (s.instance_id, u.service) IN (
        SELECT (f.instance_id, k.service)
        FROM link_fit AS f
        JOIN capability_service AS k ON k.capability = f.capability
    );

CREATE OR REPLACE TEMP TABLE link_blind AS
SELECT b.topic, b.tenant_id, b.account_id, b.native_types, b.unread
FROM blind_spots AS b
WHERE b.topic IN ('privilege', 'usage')
    AND b.account_id IN (SELECT s.account_id FROM link_scored AS s);

CREATE OR REPLACE TEMP TABLE link_unread AS
WITH blind AS (
    SELECT s.instance_id, s.identity_id, b.topic, b.unread
    FROM link_scored AS s
    JOIN link_blind AS b
        ON b.tenant_id = s.identity_tenant_id AND b.account_id = s.account_id
        AND (len(b.native_types) = 0 OR list_contains(b.native_types, s.native_type))
)
SELECT b.instance_id, b.identity_id,
    coalesce(flatten(list(b.unread) FILTER (b.topic = 'privilege')), []) AS rights,
    coalesce(flatten(list(b.unread) FILTER (b.topic = 'usage')), []) AS uses
FROM blind AS b
GROUP BY ALL;

-- Whose use is not told: nothing says it, or not of every credential.
CREATE OR REPLACE TEMP TABLE link_usage AS
SELECT s.identity_id, CASE
        WHEN count(u.subject_id) = 0 OR bool_or(u.usage = 'unknown') THEN 'unknown'
        WHEN bool_or(u.usage = 'unsupported') THEN 'unsupported'
    END AS untold,
    min(u.note) FILTER (u.usage IN ('unknown', 'unsupported')) AS note
FROM link_subject AS s
SEMI JOIN link_scored AS l ON l.identity_id = s.identity_id
LEFT JOIN usage_last AS u ON u.subject_id = s.subject_id
GROUP BY s.identity_id;

CREATE OR REPLACE TEMP TABLE staged_control_link AS
SELECT s.instance_id, s.identity_id, s.tenant_id, s.identity_tenant_id,
    coalesce(g.basis, []) AS basis, round(s.confidence, 6) AS confidence,
    CASE WHEN NOT a.able THEN 'reads' WHEN e.identity_id IS NULL THEN 'can_change' ELSE 'operates'
    END AS grade,
    s.state,
    to_json(coalesce(g.reasons, []) || if(s.state = 'rejected', [{
        'basis': 'rejected', 'weight': 0.0,
        'reason': 'rejected by ' || s.latest.decided_by || coalesce(': ' || s.latest.reason, ''),
        'evidence': strftime(s.latest.decided_at, '%Y-%m-%d')
    }], [])) AS reasons,
    list_sort(list_distinct(
        coalesce(o.unread, [s.source || ' (' || s.region || '): not asked at the last scan'])
        || if(s.tags_unread IS NULL OR coalesce(g.told, false), [], ['tags: ' || s.tags_unread])
        || CASE
            WHEN a.able THEN []
            WHEN s.privilege = 'unknown' AND s.own
                THEN coalesce(n.rights, []) || ['rights: static reading leaves them unknown']
            ELSE coalesce(n.rights, [])
        END
        || CASE
            WHEN e.identity_id IS NOT NULL THEN []
            WHEN NOT s.own THEN ['use: what is read of it does not tell at which client']
            WHEN u.untold IS NOT NULL
                THEN coalesce(n.uses, []) || ['use: ' || u.untold || coalesce(', ' || u.note, '')]
            ELSE coalesce(n.uses, [])
        END
    )) AS unread
FROM link_scored AS s
LEFT JOIN link_grounds AS g ON g.instance_id = s.instance_id AND g.identity_id = s.identity_id
JOIN link_able AS a ON a.instance_id = s.instance_id AND a.identity_id = s.identity_id
LEFT JOIN link_seen AS e ON e.instance_id = s.instance_id AND e.identity_id = s.identity_id
LEFT JOIN link_unread AS n ON n.instance_id = s.instance_id AND n.identity_id = s.identity_id
LEFT JOIN link_usage AS u ON u.identity_id = s.identity_id
LEFT JOIN read_spots AS o
    ON o.tenant_id = s.identity_tenant_id AND o.account_id = s.account_id
    AND o.source = s.source AND o.region = s.region;

-- Who answers for the control answers for what performs it (signal S15); `tenant_id` is its client.
CREATE OR REPLACE TEMP TABLE control_claim AS
SELECT l.identity_id, l.tenant_id, c.accountable_id AS party_id, l.confidence, l.instance_id,
    list_contains(l.basis, 'explicit') AS explicit
FROM staged_control_link AS l
JOIN link_instance AS c ON c.instance_id = l.instance_id
WHERE l.state IN ('linked', 'confirmed') AND c.accountable_id IS NOT NULL;
