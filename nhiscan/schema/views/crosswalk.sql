-- comment: Which ids of which frameworks the findings of a rule speak of.
-- column rule: Code of the rule, such as OWN-01.
-- column framework: soc2, csf, owasp_nhi, nist_800_53, iso_27001, cis or ai_rmf.
-- column control_id: Id in that framework; view controls has its title.
-- column strength: primary, or contributing.
-- column kind: Only findings about this kind of identity; null for all.
SELECT v.rule, v.framework, v.control_id, v.strength, v.kind @span(v)
FROM crosswalk_version v
WHERE @at(v)
