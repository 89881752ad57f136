-- title: Administrators that no control needs
-- why: One leaked key of a machine that can do everything, or give itself the power, is the whole
--   account; it should be one that somebody can say what for.
-- rule: PRV-02
-- severity: low
-- frameworks: soc2: CC6.3; csf: PR.AA-05; owasp_nhi: NHI5:2025; nist_800_53: AC-6; iso_27001: 8.2;
--   cis: 5.4
-- unknown: The read of its policies was not whole, or a policy, boundary or service control policy
--   that decides was not read.
-- remediation: Replace the role or policy by the rights that it was seen to need. What must stay an
--   administrator is linked to the control instance that needs it: one for CC6.2, CC6.3 or CC8.1 (it
--   makes identities, gives rights, or deploys), by the matrix, a tag or `nhiscan link confirm`.
WITH linked AS (
    SELECT
        l.identity_id,
        list(l.instance_id ORDER BY l.instance_id) AS operates,
        -- other controls are operated with less: a backup needs no administrator
        bool_or(list_has_any(c.criteria, ['CC6.2', 'CC6.3', 'CC8.1'])) AS needs_it
    FROM control_links AS l
    JOIN control_instances AS c ON c.instance_id = l.instance_id
    WHERE l.state IN ('linked', 'confirmed') AND l.grade IN ('can_change', 'operates')
    GROUP BY l.identity_id
),
strong AS (
    SELECT
        identity_id,
        list(DISTINCT role ORDER BY role) AS policies,
        list(DISTINCT via ORDER BY via) AS via,
        list_distinct(flatten(list(actions))).list_sort()[:20] AS actions,
        bool_or(verdict = 'unknown') AS undecided
    FROM grants
    WHERE action_class IN ('admin', 'iam') AND verdict IN ('granted', 'scoped', 'unknown')
        AND coalesce(way, 'assume') = 'assume'
    GROUP BY identity_id
)
SELECT
    if(len(i.unread) = 0 AND i.privilege = 'admin', 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || if(
        i.privilege = 'admin',
        ' is an administrator that no control is known to need',
        ' may be an administrator that no control is known to need'
    ) AS title,
    i.name,
    i.native_id,
    i.kind,
    i.class,
    i.privilege,
    i.attributes ->> 'privilege_reason' AS privilege_reason,
    s.policies,
    s.via,
    s.actions,
    l.operates AS linked_instances,
    i.owner_id,
    i.last_used_at,
    'policies without these actions, a boundary or Deny that takes them away, or a link to a control'
    || ' instance that needs them' AS would_change,
    i.rests_on,
    i.unread
FROM governed AS i
LEFT JOIN strong AS s ON s.identity_id = i.identity_id
LEFT JOIN linked AS l ON l.identity_id = i.identity_id
WHERE (i.privilege = 'admin' OR (i.privilege = 'unknown' AND coalesce(s.undecided, false)))
    AND NOT coalesce(l.needs_it, false)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'privilege'
ORDER BY tenant_id, account_id, name, identity_id
