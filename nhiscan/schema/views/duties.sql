-- comment: Which organization has which duty of a control instance; more than one is a fault of the matrix.
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column duty: provision, review, revoke, approve, monitor, respond or retain.
-- column orgs: msp, client, subservice or sub:<name>; empty if nobody is named.
-- column line: Line in the instance's file.
SELECT v.instance_id, v.tenant_id, v.duty, v.orgs, v.line @span(v)
FROM duty_version v
WHERE @at(v)
