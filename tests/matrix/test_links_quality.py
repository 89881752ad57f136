"""How good the links are on a small estate of which the truth is known; run with -s to see it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from nhiscan.records import AnyRecord, Trust
from tests.matrix.linked import SOURCE, Linked, does, instance

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
INSTANCES = {
    "backup": ("A1.2",), "leavers": ("CC6.2",), "roles": ("CC6.3",), "keys": ("CC6.1",),
    "firewall": ("CC6.6",), "patches": ("CC6.8",), "logs": ("CC7.2",), "deploy": ("CC8.1",),
    "billing": ("PI1.3",), "response": ("CC7.4",),
}  # fmt: skip
# What each identity really does. The estate is invented, and nobody's: it shows where inference is
# right and wrong, and proves no rate for any other estate.
TRUTH = {
    "svc-bkp-nightly": {"backup"},
    "vault-copier": {"backup"},
    "restore-drill": {"backup"},
    "scim": {"leavers"},
    "access-review": {"roles"},
    "key-rotator": {"keys"},
    "cert-bot": {"keys"},
    "waf-sync": {"firewall"},
    "rmm": {"patches"},
    "siem-feed": {"logs"},
    "gha-deploy": {"deploy"},
    "release": {"deploy"},
    "invoice-etl": {"billing"},
    "soar": {"response"},
    # these operate no control
    "terraform-admin": {"deploy"},
    "web-frontend": set[str](),
    "metrics-push": set[str](),
    "report-reader": set[str](),
    "old-admin": set[str](),
    "svc-bkp-app": set[str](),
}


def build() -> list[AnyRecord]:
    builds = Trust(
        identity="gha-deploy", principal="https://token.actions.githubusercontent.com repo:acme/*",
        principal_kind="oidc", guard="sub", verdict="guarded", reason="", source=SOURCE,
    )  # fmt: skip
    return [
        *does("svc-bkp-nightly", "backup", "data", used=APRIL, service="backup"),
        *does("vault-copier", "backup", role="AWSBackupServiceRolePolicyForBackup"),
        *does("restore-drill", "backup", tags={"soc2-control": "A1.2"}),
        *does("scim", "iam", role="User.ReadWrite.All"),
        *does("access-review", "iam", role="roles/iam.securityAdmin"),
        *does("key-rotator", "key", used=APRIL, service="secretsmanager"),
        *does("cert-bot", "key", used=APRIL, service="acm"),
        *does("waf-sync", "network", used=APRIL, service="wafv2"),
        *does("rmm", "deploy", role="AmazonSSMAutomationRole"),
        *does("siem-feed", "log", role="AuditLog.Read.All", privilege="read"),
        *does("gha-deploy", "deploy"), builds,
        *does("release", "deploy", used=APRIL, service="codedeploy"),
        *does("invoice-etl", "data", role="AWSGlueServiceRole", privilege="write"),
        *does("soar", "incident"),
        *does("terraform-admin", "admin", used=APRIL, service="cloudformation"),
        *does("web-frontend", "data", used=APRIL, service="s3"),
        *does("metrics-push", "log", used=APRIL, service="monitoring"),
        *does("report-reader", "read", "data"),
        *does("old-admin", "admin", used=APRIL, service="iam"),
        *does("svc-bkp-app", "data"),
    ]  # fmt: skip


def test_links_are_right_more_often_than_suggestions(tmp_path: Path) -> None:
    estate = Linked(tmp_path)
    estate.client("acme", *(instance(f"acme/{name}", *of) for name, of in INSTANCES.items()))
    estate.rules({"id": "n", "match": {"name": "svc-bkp-*"}, "criteria": ["A1.2"], "basis": "name"})
    estate.scan({"acme": build()})
    true = {(name, f"acme/{one}") for name, of in TRUTH.items() for one in of}

    rates = {}
    for states in (("linked",), ("linked", "suggested")):
        found = {
            (row["name"], row["instance_id"])
            for row in estate.rows(
                "SELECT l.*, i.name FROM control_links l JOIN identities i USING (identity_id)"
                " WHERE list_contains(?, l.state)",
                list(states),
            )
        }
        rates[states] = (len(found & true) / len(found), len(found & true) / len(true))
        sys.stdout.write(
            f"\n{' or '.join(states)}: precision {rates[states][0]:.2f},"
            f" recall {rates[states][1]:.2f}; wrong: {sorted(found - true)},"
            f" missed: {sorted(true - found)}\n"
        )

    (linked, _), (shown, recall) = rates["linked",], rates["linked", "suggested"]
    assert linked >= 0.75
    assert recall >= 0.90
    assert linked >= shown
