"""An organization that may not be listed: what is known of its accounts is no longer certain."""

import json

from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.conftest import Project


def test_known_accounts_that_were_not_listed_are_unread(sandbox: Sandbox, project: Project) -> None:
    assert project.run("scan", "--tenant", "acme-dental").returncode == 0
    sandbox.faults.set([Fault(kind="denied", operation="ListAccounts")])
    later = project.run("scan", "--tenant", "acme-dental", now="2026-11-01T07:00:00+00:00")
    assert later.returncode == 3, later.stderr

    asked = project.run(
        "sql",
        "SELECT (SELECT count(*) FROM identities WHERE len(unread) = 0) AS seeming_read,"
        " (SELECT count(*) FROM findings WHERE status <> 'unknown') AS certain,"
        " (SELECT count(*) FROM findings) AS findings",
        "--format",
        "jsonl",
    )
    row = json.loads(asked.stdout)
    assert (row["seeming_read"], row["certain"]) == (0, 0)
    assert row["findings"] > 10
