-- Everything that ties an identity to a control instance, one row per basis and reason found.

CREATE OR REPLACE TEMP TABLE link_basis AS
-- What it is capable of suggests criteria; what alone suggests nothing is added where more is known.
SELECT f.instance_id, k.identity_id, k.basis, k.weight, w.reason, k.evidence
FROM link_capable AS k
JOIN link_identity AS i ON i.identity_id = k.identity_id AND i.inferable
JOIN link_fit AS f ON f.capability = k.capability AND f.client_group = i.client_group
JOIN capability AS w ON w.capability = k.capability
WHERE k.weight >= $suggested::DOUBLE - $tolerance::DOUBLE;

-- It was seen in a service that serves little else, in the period. A service does not tell reading
-- from changing: only where reading is the work is a use enough without the right to change.
INSERT INTO link_basis
SELECT DISTINCT ON (f.instance_id, u.identity_id) f.instance_id, u.identity_id, 'operation',
    $w_operation::DOUBLE, 'seen to use ' || u.service || ', which is there to ' || w.what,
    u.source || ': ' || strftime(u.used_at, '%Y-%m-%d')
FROM link_use AS u
JOIN capability_service AS s ON s.service = u.service AND s.distinct_use
JOIN link_identity AS i ON i.identity_id = u.identity_id AND i.inferable
JOIN link_fit AS f
    ON f.capability = s.capability AND f.client_group = i.client_group
    AND f.client_group = u.client_group
JOIN link_instance AS c
    ON c.instance_id = f.instance_id AND u.used_at >= c.starts_at AND u.used_at < c.ends_at
JOIN capability AS w ON w.capability = s.capability
WHERE w.reads OR (u.identity_id, s.capability) IN (
    SELECT (k.identity_id, k.capability) FROM link_capable AS k
)
ORDER BY f.instance_id, u.identity_id, u.used_at DESC, u.service;

-- The tag says it: criteria, or ids of instances, of the identity itself or of its whole account.
CREATE OR REPLACE TEMP TABLE link_said AS
WITH told AS (
    SELECT i.identity_id, i.client_group, i.tenant_kind, 'tag' AS basis, unnest(i.tags) AS tag,
        'tag of the identity' AS place
    FROM link_identity AS i
    WHERE i.inferable
    UNION ALL
    SELECT i.identity_id, i.client_group, i.tenant_kind, 'dedicated',
        unnest(list_transform(
            map_entries(a.tags::MAP(VARCHAR, VARCHAR)), lambda e: lower(e.key || '=' || e.value)
        )),
        'tag of account ' || a.account_id
    FROM accounts AS a
    JOIN link_identity AS i ON i.account_id = a.account_id AND i.tenant_id = a.tenant_id
    WHERE i.inferable AND a.state <> 'unmapped' AND a.tags::VARCHAR <> '{}'
)
SELECT t.*, trim(unnest(regexp_split_to_array(t.tag[length($tag_key) + 2:], '[;,+|\s]+'))) AS value
FROM told AS t
WHERE starts_with(t.tag, $tag_key || '=');

INSERT INTO link_basis
SELECT c.instance_id, s.identity_id, s.basis, if(s.basis = 'tag', $w_tag::DOUBLE, $w_dedicated::DOUBLE),
    s.place || ' names ' || s.value, s.tag
FROM link_said AS s
JOIN link_criterion AS c
    -- labels of Google Cloud hold no dots and no capitals
    ON lower(c.criterion) = regexp_replace(s.value, '[_-]', '.', 'g')
    AND c.client_group = s.client_group
UNION ALL
-- One of the MSP's own may name the very instance that it operates for a client.
SELECT c.instance_id, s.identity_id, s.basis, if(s.basis = 'tag', $w_tag::DOUBLE, $w_dedicated::DOUBLE),
    s.place || ' names ' || c.instance_id, s.tag
FROM link_said AS s
JOIN link_instance AS c ON lower(c.instance_id) = s.value
WHERE c.client_group = s.client_group OR (s.basis = 'tag' AND s.tenant_kind IN ('msp', 'subservice'));

-- The matrix selects identities of the client by tag or name.
INSERT INTO link_basis
SELECT c.instance_id, i.identity_id, if(starts_with(o.selector, 'tag:'), 'tag', 'name'),
    if(starts_with(o.selector, 'tag:'), $w_tag::DOUBLE, $w_name::DOUBLE),
    'the matrix selects ' || o.selector, c.file || ':' || o.line
FROM operator_version AS o
JOIN link_instance AS c ON c.instance_id = o.instance_id
JOIN link_identity AS i ON i.client_group = c.client_group AND i.inferable
WHERE o.valid_to IS NULL AND CASE
    WHEN starts_with(o.selector, 'tag:')
        THEN len(list_filter(i.tags, lambda t: t GLOB lower(o.selector[5:]))) > 0
    WHEN starts_with(o.selector, 'name:') THEN lower(i.name) GLOB lower(o.selector[6:])
    ELSE false
END;

-- The MSP's own rules of names, tags, roles and accounts.
CREATE OR REPLACE TEMP TABLE link_holding AS
SELECT g.identity_id, list(DISTINCT lower(g.role)) AS roles, list(DISTINCT g.action_class) AS classes
FROM link_grant AS g
WHERE EXISTS (FROM link_rule AS r WHERE coalesce(r.role, r.action_class) IS NOT NULL)
GROUP BY g.identity_id;

INSERT INTO link_basis
SELECT DISTINCT c.instance_id, i.identity_id, r.basis,
    CASE r.basis
        WHEN 'explicit' THEN $w_explicit::DOUBLE
        WHEN 'tag' THEN $w_tag::DOUBLE
        WHEN 'dedicated' THEN $w_dedicated::DOUBLE
        WHEN 'role' THEN $w_role::DOUBLE
        WHEN 'action_class' THEN $w_action_class::DOUBLE / coalesce(b.classes, 1)
        WHEN 'repository' THEN $w_repository::DOUBLE
        ELSE $w_name::DOUBLE
    END,
    'rule ' || r.rule_id || ' ties it to ' || array_to_string(r.criteria, ', '),
    'rules/links.yaml: ' || r.match
FROM link_rule AS r
JOIN link_identity AS i
    ON (r.tenant IS NULL OR i.tenant_id = r.tenant)
    AND (r.provider IS NULL OR i.provider = r.provider)
    AND (r.kind IS NULL OR i.kind = r.kind)
    AND (r.class IS NULL OR i.class = r.class)
    AND (r.native_type IS NULL OR i.native_type GLOB r.native_type)
    AND (r.name IS NULL OR lower(i.name) GLOB lower(r.name))
    AND (r.native_id IS NULL OR i.native_id = r.native_id OR i.native_id GLOB r.native_id)
    AND (r.account IS NULL OR r.account IN (i.account_id, i.account_id[len(i.provider) + 2:]))
    AND (r.tag IS NULL OR len(list_filter(i.tags, lambda t: t GLOB lower(r.tag))) > 0)
LEFT JOIN link_holding AS h ON h.identity_id = i.identity_id
LEFT JOIN link_breadth AS b ON b.identity_id = i.identity_id
JOIN link_criterion AS c
    ON c.client_group = i.client_group AND list_contains(r.criteria, c.criterion)
WHERE i.inferable
    AND (r.action_class IS NULL OR list_contains(h.classes, r.action_class))
    AND (r.role IS NULL OR len(list_filter(h.roles, lambda t: t GLOB lower(r.role))) > 0);
