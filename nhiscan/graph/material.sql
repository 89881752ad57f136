-- One credential that proves several identities: whoever holds it for one can act as the others.
-- And outside workloads that are identities of the store: the same issuer and subject is let in
-- wherever a trust names it, on any platform. Needs edges.sql.

CREATE OR REPLACE TEMP TABLE material_proof AS
SELECT c.identity_id, c.fingerprint, c.kind = 'federated_trust' AS federated,
    n.kind = 'workload' AS is_workload, coalesce(n.part_of, n.identity_id) AS whole
FROM credential_version AS c
JOIN graph_node AS n ON n.identity_id = c.identity_id
WHERE c.valid_to IS NULL AND c.fingerprint IS NOT NULL AND c.status IN ('active', 'unknown')
    -- an issuer is public, and what the platform makes by itself is nobody's copy
    AND c.kind NOT IN ('oidc_provider', 'saml_provider')
    AND coalesce(c.attributes ->> 'managed', 'false') <> 'true';

-- All with one fingerprint stand around one node. Federated: only a workload is the subject itself;
-- two roles that let the same subject in do not become each other.
CREATE OR REPLACE TEMP TABLE material_group AS
SELECT row_number() OVER (ORDER BY p.federated, p.fingerprint) - 1 AS holder, p.fingerprint,
    p.federated, if(p.federated, 'federated', 'shared_credential') AS how
FROM material_proof AS p
GROUP BY p.fingerprint, p.federated
HAVING count(DISTINCT p.whole) >= 2 AND (NOT p.federated OR bool_or(p.is_workload));

CREATE OR REPLACE TEMP TABLE material_member AS
SELECT DISTINCT g.holder, p.identity_id
FROM material_group AS g
JOIN material_proof AS p ON p.fingerprint = g.fingerprint AND p.federated = g.federated
WHERE NOT g.federated OR p.is_workload;

CREATE OR REPLACE TEMP TABLE material_edge AS
SELECT DISTINCT g.holder, p.identity_id AS target
FROM material_group AS g
JOIN material_proof AS p ON p.fingerprint = g.fingerprint AND p.federated = g.federated;
