"""The organization of Acme Dental on loopback, planned and collected by the adapter."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct

from nhiscan.provider import Context, Plan
from nhiscan.records import AnyRecord, Coverage
from nhiscan_providers.gcp import Gcp
from nhiscan_providers.gcp.options import Endpoint, Options
from nhiscan_providers.gcp.wire import Patience
from tests.providers.gcp.google import CRM, IAM, Google
from tests.providers.gcp.servers import Servers

NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
QUICK = Patience(
    attempts=4, connect=2.0, read=5.0, deadline=20.0, pause=0.01, longest_pause=0.02, haste=10000
)
PROJECT, ACCOUNT = (
    "cloudresourcemanager.googleapis.com/Project",
    "iam.googleapis.com/ServiceAccount",
)
WEB, CI = f"web@acme-prod.{IAM}", f"ci@acme-build.{IAM}"
GUEST = f"backup@granite-ops.{IAM}"
POOL = "projects/11/locations/global/workloadIdentityPools/ci"


class Collected(Struct, frozen=True):
    """What units yielded: rows by account, and coverage by account and source."""

    rows: dict[str, list[AnyRecord]]
    coverage: dict[tuple[str, str], Coverage]

    def of(self, account: str, record: type, /, **wanted: Any) -> list[Any]:
        """List the rows of one kind whose fields have these values."""
        return [
            row
            for row in self.rows[account]
            if isinstance(row, record)
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]


class Acme:
    """The server, and the adapter that reads it."""

    def __init__(self, google: Google, endpoint: dict[str, str]) -> None:
        self.google = google
        self.endpoint = Endpoint(**endpoint)
        self.adapter = Gcp(QUICK)

    def options(self, **given: Any) -> Options:
        """Write an entry for the organization."""
        entry = {
            "organization": "1",
            "credentials": "anonymous",
            "endpoint": self.endpoint,
        }
        return Options(**{**entry, **given})

    def context(self) -> Context:
        """Make a context at the test's moment."""
        return Context(now=NOW, tenant_id="acme", progress=lambda text: None)

    def plan(self, **given: Any) -> Plan:
        """Plan the entry."""
        return self.adapter.plan(self.options(**given), self.context())

    def collect(self, plan: Plan | None = None, **given: Any) -> Collected:
        """Plan, then collect all units; the log holds the calls of collecting alone."""
        made = plan or self.plan(**given)
        self.google.log.clear()
        rows: dict[str, list[AnyRecord]] = {}
        coverage: dict[tuple[str, str], Coverage] = {}
        for unit in made.units:
            rows[unit.account] = []
            for row in self.adapter.collect(self.options(**given), unit, self.context()):
                if isinstance(row, Coverage):
                    assert (unit.account, row.source) not in coverage
                    coverage[unit.account, row.source] = row
                else:
                    rows[unit.account].append(row)
        return Collected(rows, coverage)


@pytest.fixture
def acme() -> Iterator[Acme]:
    """An organization with two projects in use, one in a folder, and one being deleted."""
    google = Google()
    fill(google)
    servers = Servers(google)
    yield Acme(google, servers.endpoint)
    servers.close()


def fill(google: Google) -> None:
    """Write the organization."""
    google.folders.append({"name": "folders/5", "parent": "organizations/1", "displayName": "x"})
    labels = {"owner": "dana_reyes_at_acme_example", "environment": "prod"}
    google.project("acme-prod", "10", "folders/5", labels=labels)
    google.project("acme-build", "11", "organizations/1")
    google.project("acme-old", "12", "organizations/1", state="DELETE_REQUESTED")
    google.account("web", "acme-prod", "100", tags={"owner": "web-team"})
    google.account("10-compute@developer.gserviceaccount.com", "acme-prod", "102", disabled=True)
    google.account("ci", "acme-build", "101")
    google.key(WEB, "aaaa1111")
    google.key(WEB, "bbbb2222", disabled=True)
    google.key(CI, "cccc3333", keyOrigin="USER_PROVIDED")
    google.public_keys["cccc3333"] = _PEM
    google.bind(f"{CRM}organizations/1", "cloudresourcemanager.googleapis.com/Organization", None,
                ("roles/viewer", f"serviceAccount:{GUEST}"))  # fmt: skip
    google.bind(f"{CRM}projects/acme-prod", PROJECT, "acme-prod",
                ("roles/owner", "user:dana@acme.example"),
                ("roles/editor", f"serviceAccount:{CI}", f"serviceAccount:{GUEST}"))  # fmt: skip
    google.bind(f"{CRM}projects/acme-build", PROJECT, "acme-build",
                ("organizations/1/roles/deployer", f"serviceAccount:{WEB}"))  # fmt: skip
    workload = f"principal://iam.googleapis.com/{POOL}/subject/repo:acme/web:ref:refs/heads/x"
    google.bind(
        f"//iam.googleapis.com/projects/acme-prod/serviceAccounts/{WEB}",
        ACCOUNT,
        "acme-prod",
        ("roles/iam.serviceAccountTokenCreator", f"serviceAccount:{CI}"),
        ("roles/iam.workloadIdentityUser", workload),
    )
    google.bind("//storage.googleapis.com/acme-prod-files", "storage.googleapis.com/Bucket",
                "acme-prod", ("roles/storage.objectViewer", f"serviceAccount:{CI}"))  # fmt: skip
    _more(google)


def _more(google: Google) -> None:
    build, prod = google.ancestors("acme-build"), google.ancestors("acme-prod")
    role = {
        "name": "organizations/1/roles/deployer",
        "includedPermissions": ["run.services.update"],
    }
    google.asset("iam.googleapis.com/Role", "//iam.googleapis.com/organizations/1/roles/deployer",
                 role, ["organizations/1"])  # fmt: skip
    google.asset("iam.googleapis.com/WorkloadIdentityPool", f"//iam.googleapis.com/{POOL}",
                 {"name": POOL, "state": "ACTIVE"}, build)  # fmt: skip
    provider = {
        "name": f"{POOL}/providers/gh",
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
        "attributeMapping": {"google.subject": "assertion.sub"},
    }
    google.asset("iam.googleapis.com/WorkloadIdentityPoolProvider",
                 f"//iam.googleapis.com/{POOL}/providers/gh", provider, build)  # fmt: skip
    name = "projects/10/locations/global/keys/uid-1"
    key = {"name": name, "uid": "uid-1", "displayName": "map", "keyString": "CANARY-string"}
    google.asset("apikeys.googleapis.com/Key", f"//apikeys.googleapis.com/{name}", key, prod)
    contact = {
        "name": "projects/10/contacts/1", "email": "ops@acme.example",
        "notificationCategorySubscriptions": ["TECHNICAL"], "validationState": "INVALID",
    }  # fmt: skip
    google.asset("essentialcontacts.googleapis.com/Contact", "//essentialcontacts/1", contact, prod)
    _used(google)


def _used(google: Google) -> None:
    period = {"startTime": "2026-08-01T07:00:00Z", "endTime": "2026-10-30T07:00:00Z"}
    google.activities["serviceAccountLastAuthentication"] = [
        {
            "fullResourceName": f"//iam.googleapis.com/projects/acme-prod/serviceAccounts/10/{WEB}",
            "observationPeriod": period,
            "activity": {"lastAuthenticatedTime": "2026-10-20T07:00:00Z",
                         "serviceAccount": {"serviceAccountId": "100", "projectNumber": "10"}},
        }
    ]  # fmt: skip
    google.hmac["acme-prod"] = [
        {"accessId": "GOOG1EXAMPLE0001", "serviceAccountEmail": WEB, "state": "ACTIVE",
         "timeCreated": "2026-01-01T00:00:00Z", "secret": "CANARY-hmac"}
    ]  # fmt: skip
    made = {
        "methodName": "google.iam.admin.v1.CreateServiceAccount",
        "authenticationInfo": {"principalEmail": "dana@acme.example"},
        "response": {"email": WEB, "unique_id": "100"},
    }
    event = {"project": "acme-prod", "timestamp": "2026-05-01T00:00:00Z", "protoPayload": made}
    google.entries.append(event)


# A public key made for this test; its private half was thrown away.
_PEM = (
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUNvd0JRWURLMlZ3QXlFQUdiOUVDV21FekZ6RlFib0FrT3ZFNkNrdVRq"
    "blNxY1BMSVhTWnlIdUZZanM9Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQo="
)
