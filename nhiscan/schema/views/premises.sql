-- comment: Which sources each kind of conclusion rests on. A source that stands nowhere here counts for all of them.
-- history: no
-- column provider: The adapter that declares it.
-- column topic: accounts, identities, owners, usage, credentials, root, trusts, privilege or key_ids.
-- column native_type: The type of identity concerned; null if the account as a whole.
-- column source: A source without which nothing certain can be said.
-- column what: What that source lists, in words.
SELECT p.provider, p.topic, p.native_type, p.source, p.what
FROM premise p
