-- comment: Which sources each kind of conclusion rests on. A source that stands nowhere here counts for all of them.
-- history: no
-- column topic: accounts, identities, owners, usage, credentials, root, trusts, privilege or key_ids.
-- column native_type: The type of identity concerned; null if the account as a whole.
-- column source: A source without which nothing certain can be said.
-- column what: What that source lists, in words.
SELECT p.topic, p.native_type, p.source, p.what
FROM (
    VALUES
    ('accounts', NULL, 'organizations.accounts', 'accounts'),
    ('identities', 'aws.iam.user', 'iam.authorization_details', 'users and roles'),
    ('identities', 'aws.iam.role', 'iam.authorization_details', 'users and roles'),
    ('identities', 'aws.secretsmanager.secret', 'ec2.regions', 'regions'),
    ('identities', 'aws.secretsmanager.secret', 'secretsmanager.secrets', 'secrets'),
    ('identities', 'aws.ssm.parameter', 'ec2.regions', 'regions'),
    ('identities', 'aws.ssm.parameter', 'ssm.parameters', 'encrypted parameters'),
    ('owners', NULL, 'cloudtrail.creators', 'creators'),
    ('owners', NULL, 'account.contacts', 'account contacts'),
    ('usage', 'aws.iam.user', 'iam.authorization_details', 'users and roles'),
    ('usage', 'aws.iam.user', 'iam.credential_report', 'last use of passwords and keys'),
    ('usage', 'aws.iam.user', 'iam.service_specific_credentials', 'service-specific credentials'),
    ('usage', 'aws.iam.role', 'iam.authorization_details', 'users and roles'),
    ('usage', 'aws.secretsmanager.secret', 'ec2.regions', 'regions'),
    ('usage', 'aws.secretsmanager.secret', 'secretsmanager.secrets', 'secrets'),
    ('usage', 'aws.ssm.parameter', 'ec2.regions', 'regions'),
    ('usage', 'aws.ssm.parameter', 'ssm.parameters', 'encrypted parameters'),
    ('credentials', 'aws.iam.user', 'iam.authorization_details', 'users and roles'),
    ('credentials', 'aws.iam.user', 'iam.credential_report', 'passwords, keys and certificates'),
    ('credentials', 'aws.iam.user', 'iam.service_specific_credentials', 'service-specific credentials'),
    ('credentials', 'aws.iam.user', 'iam.ssh_keys', 'SSH keys'),
    ('credentials', 'aws.secretsmanager.secret', 'ec2.regions', 'regions'),
    ('credentials', 'aws.secretsmanager.secret', 'secretsmanager.secrets', 'secrets'),
    ('credentials', 'aws.ssm.parameter', 'ec2.regions', 'regions'),
    ('credentials', 'aws.ssm.parameter', 'ssm.parameters', 'encrypted parameters'),
    ('credentials', NULL, 'iam.oidc_providers', 'OpenID Connect providers'),
    ('credentials', NULL, 'iam.saml_providers', 'SAML providers'),
    ('root', 'aws.iam.root', 'iam.account_summary', 'the account summary'),
    ('root', 'aws.iam.root', 'iam.credential_report', 'the credential report'),
    ('trusts', 'aws.iam.role', 'iam.authorization_details', 'users and roles'),
    ('privilege', 'aws.iam.user', 'iam.authorization_details', 'users and roles'),
    ('privilege', 'aws.iam.role', 'iam.authorization_details', 'users and roles'),
    ('privilege', NULL, 'organizations.policies', 'service control policies'),
    ('key_ids', 'aws.iam.user', 'iam.access_keys', 'ids of access keys')
) p(topic, native_type, source, what)
