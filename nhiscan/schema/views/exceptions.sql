-- comment: Findings that somebody accepted, as exceptions.yaml says: by whom, for whom and until when.
-- column exception_id: Its id in the file.
-- column tenant_id: The client.
-- column rule: The rule whose finding is accepted.
-- column identity_ref: The identity as written; null if it is about an instance or the tenant.
-- column identity_id: That identity; null if nothing, or not one alone, is so called.
-- column instance_id: The control instance, if about one.
-- column reason: Why.
-- column requested_ref: Who asked for it, as written.
-- column requested_id: That party.
-- column accepted_ref: Who accepted, as written.
-- column accepted_id: That party; null if nobody that the roster knows.
-- column accepted_org: The organization of that party.
-- column is_entitled: Whether that person may accept it: of the client, or of whom the instance names as approver.
-- column granted_at: First day.
-- column expires_at: First day on which it no longer holds.
-- column compensating_control: What is done instead.
-- column file: The file.
-- column line: Line in it.
SELECT v.exception_id, v.tenant_id, v.rule, v.identity_ref, v.identity_id, v.instance_id, v.reason,
    v.requested_ref, v.requested_id, v.accepted_ref, v.accepted_id, v.accepted_org, v.is_entitled,
    v.granted_at, v.expires_at, v.compensating_control, v.file, v.line @span(v)
FROM exception_version v
WHERE @at(v)
