-- comment: Accounts, subscriptions, projects and organizations seen, scanned or not.
-- column account_id: provider:native id, such as aws:111122223333.
-- column tenant_id: The tenant it belongs to; of an unmapped account, the tenant whose entry found it.
-- column provider: Adapter that saw it: aws, azure, gcp, github.
-- column native_id: The platform's own id.
-- column name: The platform's name for it; written by the client, so hostile text.
-- column environment: prod, test …, where the platform or a tag says so; else null.
-- column state: active, suspended, closed, pending, unmapped (belongs to no client) or unknown.
-- column organization: Native id of the organization above it; null if none or not readable.
-- column path: Its place in the organization's tree; null if not readable.
-- column tags: Tags as a JSON object.
-- column reason: Why it was not scanned; null if it was.
SELECT a.account_id, a.tenant_id, a.provider, a.native_id, a.name, a.environment, a.state,
    a.organization, a.path, a.tags, a.reason @span(a)
FROM account_version a
WHERE @at(a)
QUALIFY row_number() OVER (
    PARTITION BY a.account_id, @each(a)
    -- whoever reads the organization that it lies in knows best whose it is
    ORDER BY coalesce(split_part(a.unit, '/', 3) = a.organization, false) DESC,
        a.state IN ('unknown', 'unmapped'), a.organization IS NULL, a.valid_from DESC, a.unit
) = 1
