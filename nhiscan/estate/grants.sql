-- What each identity may do: the weightiest $most rows, and how many more there are.
WITH ranked AS (
    SELECT
        identity_id, account_id AS account, scope, role, action_class, verdict, via,
        count(*) OVER (PARTITION BY identity_id) AS n,
        row_number() OVER (
            PARTITION BY identity_id
            ORDER BY
                list_position(
                    [
                        'admin', 'iam', 'key', 'log', 'write', 'backup', 'deploy', 'network',
                        'incident', 'data', 'read'
                    ],
                    action_class
                ),
                verdict, role, scope, account_id, via
        ) AS place
    FROM grants
    WHERE identity_id IS NOT NULL
        AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id))
)

SELECT
    identity_id, account, scope, role, action_class, verdict, via,
    if(place = $most, n - $most, 0) AS more
FROM ranked
WHERE place <= $most
ORDER BY identity_id, place
