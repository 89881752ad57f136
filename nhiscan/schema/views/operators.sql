-- comment: What the matrix says operates a control instance.
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column position: Place in the file, from 0.
-- column native_id: A native id; null if a selector is given.
-- column selector: A selector such as tag:soc2-control=CC6.2; null if an id is given.
-- column basis: The basis that the file states; null if it follows from the form.
-- column line: Line in the instance's file.
SELECT v.instance_id, v.tenant_id, v.position, v.native_id, v.selector, v.basis, v.line @span(v)
FROM operator_version v
WHERE @at(v)
