-- comment: How long the platforms keep their own audit logs unless somebody exports them: published defaults.
-- history: no
-- column provider: The adapter.
-- column log: The log.
-- column licence: The licence that keeps it that long; null if it does not depend on one.
-- column days: Days that it is kept.
-- column source: Where that is written.
SELECT * FROM (VALUES
    ('aws', 'CloudTrail event history', NULL, 90, 'AWS CloudTrail User Guide: viewing event history'),
    ('azure', 'Entra audit and sign-in logs', 'free', 7, 'Microsoft Entra: data retention'),
    ('azure', 'Entra audit and sign-in logs', 'P1 or P2', 30, 'Microsoft Entra: data retention'),
    ('azure', 'Azure activity log', NULL, 90, 'Azure Monitor: activity log retention'),
    ('gcp', 'Admin Activity audit logs', NULL, 400, 'Cloud Logging: quotas and limits, _Required bucket'),
    ('gcp', 'Data Access audit logs', NULL, 30, 'Cloud Logging: quotas and limits, _Default bucket'),
    ('github', 'organization audit log', NULL, 180, 'GitHub Docs: reviewing the audit log of an organization')
) AS r(provider, log, licence, days, source)
