-- comment: One row per control as operated for one client in one period: the unit of accountability.
-- column instance_id: Its id in the matrix; unique over all clients.
-- column tenant_id: The client.
-- column criteria: Criteria it serves; ids of controls.
-- column also: Ids of other frameworks, as a JSON object of lists.
-- column statement: What is done, in words; part of what the client signs.
-- column service_model: standard, white_label, co_managed_soc, cmk, outsourced_siem, ir_retainer or shared_platform; null if not said.
-- column responsibility: msp, client, subservice, shared_msp_client (independent or dependent), shared_msp_sub or n/a.
-- column accountable_refs: Who is accountable, as written; one person if all is well.
-- column accountable_id: That party; null if nobody, several, or nobody that the roster knows.
-- column backup_ref: The backup owner as written.
-- column backup_id: That party; null if nobody that the roster knows.
-- column approver_ref: Who approves for the client, as written.
-- column approver_id: That party; null if nobody that the roster knows.
-- column frequency: daily, weekly, monthly, quarterly, annual or on_event; null if not said.
-- column domain: Domain of its evidence SLA.
-- column operated_by_human: True if people operate it and no identity does.
-- column agreement_doc: The contract that says who does it.
-- column agreement_clause: Clause of it.
-- column agreement_sha256: Hash of it.
-- column text_sha256: SHA-256 of what the client signs: statement, responsibility and duties.
-- column period_start: First day it holds for (UTC).
-- column period_end: First day after its period.
-- column cuec: What the client must do for the control to work.
-- column csoc: What a subservice must do for it.
-- column notes: Notes.
-- column file: File of the matrix.
-- column line: Line in it.
-- column lines: Lines of its keys, as a JSON object.
SELECT v.instance_id, v.tenant_id, v.criteria, v.also, v.statement, v.service_model,
    v.responsibility, v.accountable_refs, v.accountable_id, v.backup_ref, v.backup_id,
    v.approver_ref, v.approver_id, v.frequency, v.domain, v.operated_by_human, v.agreement_doc,
    v.agreement_clause, v.agreement_sha256, v.text_sha256, v.period_start, v.period_end, v.cuec,
    v.csoc, v.notes, v.file, v.line, v.lines @span(v)
FROM control_instance_version v
WHERE @at(v)
