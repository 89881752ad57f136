-- comment: Criteria of SOC 2 and of further frameworks, under short titles of our own.
-- column control_id: Id of the criterion, such as CC6.2.
-- column framework: soc2, or what a file of the matrix's catalog names.
-- column title: A short title of our own; never the standard's text.
-- column domain: identity, monitoring, incident, retention, change, vendor, availability or governance.
SELECT v.control_id, v.framework, v.title, v.domain @span(v)
FROM control_version v
WHERE @at(v)
