"""The sample estate's organizations, read by the real clients from the sandbox."""

import msgspec
import pytest

from nhiscan.provider import Context
from nhiscan.records import AnyRecord, Claim, Coverage, Credential, Identity, Trust, Usage
from nhiscan_providers.gcp import Gcp, policy
from nhiscan_providers.gcp.options import Endpoint, Options
from nhiscan_sandbox.canaries import MARK
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.conftest import NOW
from tests.providers.gcp.conftest import QUICK

_ACME, _GRANITE = "911000000101", "920000000101"
_IAM = "iam.gserviceaccount.com"
_QUOTA = {_ACME: "acme-security", _GRANITE: "granite-security"}
_OPTIONAL = {"iam.key_status"}


class Read:
    """What one organization yielded."""

    def __init__(self, sandbox: Sandbox, organization: str, faults: tuple[Fault, ...] = ()) -> None:
        endpoint = sandbox.gcp_endpoint
        assert endpoint is not None
        options = Options(
            organization=organization,
            quota_project=_QUOTA[organization],
            impersonate=f"nhiscan@acme-security.{_IAM}" if organization == _ACME else None,
            credentials="anonymous",
            endpoint=Endpoint(**endpoint),
        )
        adapter = Gcp(QUICK)
        context = Context(now=NOW, tenant_id="x", progress=lambda text: None)
        plan = adapter.plan(options, context)
        sandbox.faults.set(faults)
        self.rows: dict[str, list[AnyRecord]] = {
            unit.account: list(adapter.collect(options, unit, context)) for unit in plan.units
        }
        sandbox.faults.clear()

    def of(self, account: str, record: type, /, **wanted: object) -> list[AnyRecord]:
        """List the rows of one kind whose fields have these values."""
        return [
            row
            for row in self.rows[account]
            if isinstance(row, record)
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]

    def states(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Tell how each source of each account was read."""
        return {
            (account, row.source): (row.state, row.reason or "")
            for account, rows in self.rows.items()
            for row in rows
            if isinstance(row, Coverage)
        }

    def facts(self) -> dict[str, list[AnyRecord]]:
        """List everything but coverage."""
        return {
            account: [row for row in rows if not isinstance(row, Coverage)]
            for account, rows in self.rows.items()
        }


def _without_optional(read: Read) -> set[str]:
    return {state for key, (state, _) in read.states().items() if key[1] not in _OPTIONAL}


def test_the_printed_role_is_enough(sandbox: Sandbox) -> None:
    role = f"organizations/{_ACME}/roles/nhiscan"
    sandbox.gcp.grant(role, policy.permissions("scope", "quota"))
    found = Read(sandbox, _ACME)
    assert _without_optional(found) <= {"complete", "not_available"}


@pytest.mark.parametrize(
    ("permission", "source"),
    [
        ("cloudasset.assets.listResource", "cloudasset.inventory"),
        ("cloudasset.assets.searchAllIamPolicies", "iam.policies"),
        ("cloudasset.assets.searchAllResources", "cloudasset.inventory"),
        ("storage.hmacKeys.list", "storage.hmac_keys"),
        ("logging.logEntries.list", "logging.creators"),
        ("policyanalyzer.serviceAccountLastAuthenticationActivities.query",
         "policyanalyzer.activities"),
    ],
)  # fmt: skip
def test_a_permission_that_is_missing_is_told(
    sandbox: Sandbox, permission: str, source: str
) -> None:
    role = f"organizations/{_ACME}/roles/nhiscan"
    sandbox.gcp.grant(role, set(policy.permissions("scope", "quota")) - {permission})
    state, reason = Read(sandbox, _ACME).states()["acme-assay", source]
    assert state in ("denied", "partial")
    assert permission in reason or source == "iam.policies"


def test_an_api_that_is_off_is_not_an_empty_one(sandbox: Sandbox) -> None:
    state, reason = Read(sandbox, _GRANITE).states()["granite-hub", "policyanalyzer.activities"]
    assert state == "denied"
    assert "gcloud services enable policyanalyzer.googleapis.com --project" in reason
    assert "SERVICE_DISABLED" in reason


def test_no_secret_gets_as_far_as_a_record(sandbox: Sandbox) -> None:
    text = msgspec.json.encode([Read(sandbox, one).rows for one in (_ACME, _GRANITE)]).decode()
    assert MARK not in text


@pytest.mark.parametrize("kind", ["throttle", "error", "reset", "truncate", "empty_page"])
def test_passing_faults_change_nothing(sandbox: Sandbox, kind: str) -> None:
    expected = Read(sandbox, _ACME)
    fault = msgspec.convert({"kind": kind, "nth": [1, 3, 4]}, Fault)
    found = Read(sandbox, _ACME, (fault,))
    assert found.facts() == expected.facts()
    assert {k: s for k, (s, _) in found.states().items()} == {
        k: s for k, (s, _) in expected.states().items()
    }


def test_clients_meet_in_either_ones_rows(sandbox: Sandbox) -> None:
    acme, granite = Read(sandbox, _ACME), Read(sandbox, _GRANITE)
    loader, feed = f"results-loader@acme-assay.{_IAM}", f"customs-feed@granite-hub.{_IAM}"
    (there,) = granite.of("granite-hub", Trust, identity=loader)
    assert isinstance(there, Trust)
    assert (there.principal_account, there.principal_native_id) == ("acme-assay", loader)
    (here,) = acme.of("acme-assay", Trust, identity=feed)
    assert isinstance(here, Trust)
    assert here.principal_account == "granite-hub"
    agents = acme.of("acme-assay", Identity, native_type="gcp.service_agent")
    assert {row.class_ for row in agents if isinstance(row, Identity)} == {"platform"}


def test_keys_tell_of_exposure_of_age_and_of_use(sandbox: Sandbox) -> None:
    found = Read(sandbox, _ACME)
    keys = [
        row
        for row in found.of("acme-assay", Credential, kind="service_account_key")
        if isinstance(row, Credential)
    ]
    exposed = [row for row in keys if "exposed" in row.attributes]
    assert {row.status for row in exposed} == {"active", "inactive"}
    assert [row.attributes["disable_reason"] for row in exposed if row.status == "inactive"] == [
        "EXPOSED"
    ]
    assert any(row.expires_at is None for row in keys)
    used = [row for row in found.of("acme-assay", Usage) if isinstance(row, Usage)]
    assert {row.usage for row in used} == {"known", "unknown", "unsupported"}
    assert all(row.window_days for row in used if row.usage == "known")


def test_owners_are_named_by_contacts_creators_and_descriptions(sandbox: Sandbox) -> None:
    claims = [row for row in Read(sandbox, _ACME).of("acme-assay", Claim) if isinstance(row, Claim)]
    assert {row.signal for row in claims} >= {"S7", "S8", "S12", "S14"}
    dead = [row.reference for row in claims if row.departed]
    assert dead == ["labs-it@acme.example"]
    assert {row.by_machine for row in claims if row.signal == "S7"} == {True, False}
