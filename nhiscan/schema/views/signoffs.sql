-- comment: What clients signed: one row per control instance that has a signature.
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column signer_ref: Who signed, as written.
-- column signer_id: That party; null if nobody that the roster knows.
-- column signed_at: Day of the signature.
-- column expires_at: Day on which it ends; null if not said.
-- column covers_sha256: Hash of the text that was signed; valid only while it equals text_sha256.
-- column text_sha256: Hash of the text as it is.
-- column artefact: Where the signed document is.
-- column line: Line in the instance's file.
SELECT v.instance_id, v.tenant_id, v.signer_ref, v.signer_id, v.signed_at, v.expires_at,
    v.covers_sha256, i.text_sha256, v.artefact, v.line @span(v, i)
FROM signoff_version v
JOIN control_instance_version i ON i.instance_id = v.instance_id AND @join(v, i)
WHERE @at(v)
