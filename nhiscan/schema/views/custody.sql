-- comment: Who keeps the evidence of a control instance, as half-open intervals.
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column position: Place in the file, from 0.
-- column custodian_org: msp, client:<tenant> or sub:<name>.
-- column custodian_ref: The person as written.
-- column custodian_id: That party; null if nobody that the roster knows.
-- column period_start: First day (UTC).
-- column period_end: First day that is no longer theirs; null while it has no end.
-- column oversight_ref: Who keeps an eye on it, as written.
-- column oversight_id: That party.
-- column handoff_ack: Day on which this custodian acknowledged taking over; null if never.
-- column line: Line in the instance's file.
SELECT v.instance_id, v.tenant_id, v.position, v.custodian_org, v.custodian_ref, v.custodian_id,
    v.period_start, v.period_end, v.oversight_ref, v.oversight_id, v.handoff_ack, v.line @span(v)
FROM custody_version v
WHERE @at(v)
