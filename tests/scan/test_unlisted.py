"""An organization that may not be listed: what is known of its accounts is no longer certain."""

import json

from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.conftest import Project


def test_known_accounts_that_were_not_listed_are_unread(sandbox: Sandbox, project: Project) -> None:
    scan = ("scan", "--tenant", "acme-dental", "--provider", "aws")
    assert project.run(*scan).returncode == 0
    sandbox.faults.set([Fault(kind="denied", operation="ListAccounts")])
    later = project.run(*scan, now="2026-11-01T07:00:00+00:00")
    assert later.returncode == 3, later.stderr

    asked = project.run(
        "sql",
        "SELECT (SELECT count(*) FROM identities WHERE len(unread) = 0) AS seeming_read,"
        # what the matrix and the ledger show rests on no cloud
        " (SELECT count(*) FROM findings WHERE status <> 'unknown' AND account_id IS NOT NULL)"
        " AS certain,"
        " (SELECT count(*) FROM findings) AS findings",
        "--format",
        "jsonl",
    )
    assert asked.returncode == 0, asked.stderr
    row = json.loads(asked.stdout)
    assert (row["seeming_read"], row["certain"]) == (0, 0)
    assert row["findings"] > 10
