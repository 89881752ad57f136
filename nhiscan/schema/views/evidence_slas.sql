-- comment: How fresh, how soon and for how long evidence of each domain must be there, as the matrix says.
-- column domain: The domain, as instances name it.
-- column max_age: Oldest that the newest evidence may be.
-- column produce_within: Time from the operation until its evidence is there.
-- column retrieve_within: Time to bring an item forth when asked.
-- column retain_for: How long evidence is kept.
-- column file: File of the matrix.
-- column line: Line in it.
SELECT v.domain, v.max_age, v.produce_within, v.retrieve_within, v.retain_for, v.file, v.line @span(v)
FROM evidence_sla_version v
WHERE @at(v)
