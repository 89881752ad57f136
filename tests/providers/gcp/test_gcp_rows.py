"""Rows made from facts: who holds what where, who may act as whom, what stays unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nhiscan.records import AnyRecord, Claim, Credential, Grant, Identity, Trust, Usage
from nhiscan_providers.gcp.bindings import Index
from nhiscan_providers.gcp.facts import (
    Activities,
    Activity,
    ApiKey,
    Binding,
    Contact,
    Creation,
    Facts,
    Key,
    Pool,
    Scope,
    ServiceAccount,
)
from nhiscan_providers.gcp.reading.federation import Provider
from nhiscan_providers.gcp.rows.share import Share, organization_rows, project_rows

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_IAM = "iam.gserviceaccount.com"
WEB, CI = f"web@acme-prod.{_IAM}", f"ci@acme-build.{_IAM}"
_GITHUB = "https://token.actions.githubusercontent.com"
_POOL = "projects/11/locations/global/workloadIdentityPools/ci"


class Cloud:
    """An organization of two projects, to which tests add what they are about."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.facts.learn("acme-prod", "10", ("folders/5", "organizations/1"))
        self.facts.learn("acme-build", "11", ("organizations/1",))
        self.facts.add_account(ServiceAccount(email=WEB, unique_id="100", project="acme-prod"))
        self.facts.add_account(ServiceAccount(email=CI, unique_id="101", project="acme-build"))

    def bind(self, place: str, role: str, *members: str, condition: str | None = None) -> None:
        """Bind a role on a place, or on a service account by its address."""
        if "@" in place:
            project = self.facts.accounts[place].project
            scope = Scope(
                name=f"//iam.googleapis.com/projects/{project}/serviceAccounts/{place}",
                level="account", id=place, place=f"projects/{project}",
            )  # fmt: skip
        else:
            kind, _, name = place.partition("/")
            full = f"//cloudresourcemanager.googleapis.com/{place}"
            scope = Scope(name=full, level=kind.rstrip("s"), id=name, place=place)
        self.facts.bindings.append(
            Binding(
                scope=scope,
                role=role,
                members=members,
                condition=condition,
                condition_title="office hours" if condition else "",
            )
        )

    def rows(self, account: str, **given: Any) -> list[AnyRecord]:
        """Make the rows of one unit."""
        project = account in self.facts.above
        share = Share(
            **{
                "account": account,
                "place": f"projects/{account}" if project else f"organizations/{account}",
                "organization": "1",
                "domain": "acme.example",
                "facts": self.facts,
                "index": Index(self.facts),
                "now": NOW,
                "gone": False,
                "policies_whole": True,
                "activity_asked": True,
                **given,
            }
        )
        return list(project_rows(share) if project else organization_rows(share))

    def of(self, account: str, record: type, /, **wanted: Any) -> list[Any]:
        """List the rows of one kind whose fields have these values."""
        return [
            row
            for row in self.rows(account)
            if isinstance(row, record)
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_grants_are_told_where_the_identity_lives_wherever_they_are(cloud: Cloud) -> None:
    cloud.bind("projects/acme-prod", "roles/editor", f"serviceAccount:{CI}")
    cloud.bind("folders/5", "roles/viewer", f"serviceAccount:{CI}")
    cloud.bind("projects/acme-build", "roles/viewer", f"serviceAccount:{CI}", condition="x")
    found = cloud.of("acme-build", Grant, identity="101")
    assert {(g.scope, g.scope_account, g.role, g.verdict) for g in found} == {
        ("cloudresourcemanager.googleapis.com/projects/acme-prod", "acme-prod", "roles/editor",
         "granted"),
        ("cloudresourcemanager.googleapis.com/folders/5", "1", "roles/viewer", "granted"),
        ("cloudresourcemanager.googleapis.com/projects/acme-build", None, "roles/viewer",
         "scoped"),
    }  # fmt: skip
    assert cloud.of("acme-build", Identity, key="101")[0].privilege == "write"
    assert not cloud.of("acme-prod", Grant)


def test_privilege_is_unknown_where_policies_were_not_all_read(cloud: Cloud) -> None:
    cloud.bind("projects/acme-prod", "roles/viewer", f"serviceAccount:{WEB}")
    rows = cloud.rows("acme-prod", policies_whole=False)
    assert [row.privilege for row in rows if isinstance(row, Identity)] == ["unknown"]


def test_a_binding_on_the_account_lets_its_member_act_as_it(cloud: Cloud) -> None:
    cloud.bind(WEB, "roles/iam.serviceAccountTokenCreator", f"serviceAccount:{CI}")
    (trust,) = cloud.of("acme-prod", Trust)
    assert (trust.identity, trust.principal_kind, trust.principal_account) == (
        "100", "identity", "acme-build",
    )  # fmt: skip
    assert (trust.principal_native_id, trust.verdict) == (CI, "guarded")
    assert "makes access tokens" in trust.reason


def test_roles_above_reach_all_accounts_below_for_machines(cloud: Cloud) -> None:
    role = "roles/iam.serviceAccountTokenCreator"
    cloud.bind("organizations/1", "roles/owner", "user:dana@acme.example")
    cloud.bind("organizations/1", role, f"serviceAccount:{CI}")
    cloud.bind("folders/5", role, "user:lee@northwind.example")
    found = {t.principal: t for t in cloud.of("acme-prod", Trust)}
    assert set(found) == {f"serviceAccount:{CI}", "user:lee@northwind.example"}
    assert found["user:lee@northwind.example"].relation is None  # a stranger to this domain
    assert not cloud.of("acme-build", Trust)  # nobody is told to act as itself


def test_a_condition_is_never_silently_true(cloud: Cloud) -> None:
    role = "roles/iam.serviceAccountTokenCreator"
    cloud.bind(WEB, role, f"serviceAccount:{CI}", condition="request")
    (trust,) = cloud.of("acme-prod", Trust)
    assert (trust.verdict, trust.guard) == ("unknown", "condition: office hours")
    cloud.bind(WEB, role, f"serviceAccount:{CI}")
    assert cloud.of("acme-prod", Trust)[0].verdict == "guarded"


def test_public_deleted_and_unknown_members(cloud: Cloud) -> None:
    gone = f"deleted:serviceAccount:old@acme-prod.{_IAM}?uid=99"
    cloud.bind(WEB, "roles/iam.serviceAccountTokenCreator", "allAuthenticatedUsers", gone, "odd:x")
    found = {t.principal: (t.principal_kind, t.verdict) for t in cloud.of("acme-prod", Trust)}
    assert found == {
        "allAuthenticatedUsers": ("public", "open"),
        gone: ("deleted", "dangling"),
        "odd:x": ("unknown", "unknown"),
    }


def test_grants_of_the_deleted_name_who_they_were_for(cloud: Cloud) -> None:
    gone = f"deleted:serviceAccount:old@acme-prod.{_IAM}?uid=99"
    cloud.bind("projects/acme-prod", "roles/viewer", gone)
    (grant,) = cloud.of("acme-prod", Grant)
    assert (grant.identity, grant.principal) == ("99", gone)
    assert not cloud.of("acme-prod", Identity, key="99")


def test_a_guest_from_elsewhere_stands_where_it_is_bound_and_is_trusted_as_itself(
    cloud: Cloud,
) -> None:
    guest = f"backup@granite-ops.{_IAM}"
    role = "roles/iam.serviceAccountTokenCreator"
    cloud.bind("projects/acme-prod", role, f"serviceAccount:{guest}")
    cloud.bind("organizations/1", "roles/viewer", f"serviceAccount:{guest}")
    (here,) = cloud.of("acme-prod", Identity, key=guest)
    assert (here.home_account, here.class_, here.privilege) == ("granite-ops", "machine", "write")
    (door,) = cloud.of("acme-prod", Trust, identity=guest)
    assert (door.principal_account, door.principal_native_id) == ("granite-ops", guest)
    assert cloud.of("acme-prod", Grant, identity=guest)[0].scope_account is None
    (above,) = cloud.of("1", Grant, identity=guest)
    assert above.role == "roles/viewer"
    # who makes tokens in the project may act as the account, through its row there
    (way,) = cloud.of("acme-prod", Trust, identity="100")
    assert (way.principal_account, way.principal_native_id) == ("acme-prod", guest)


def test_a_guest_on_an_account_itself_is_an_outsider(cloud: Cloud) -> None:
    guest = f"backup@granite-ops.{_IAM}"
    cloud.bind(WEB, "roles/iam.serviceAccountTokenCreator", f"serviceAccount:{guest}")
    (way,) = cloud.of("acme-prod", Trust)
    assert (way.principal_account, way.principal_native_id) == ("granite-ops", guest)
    assert not cloud.of("acme-prod", Identity, key=guest)


def test_service_agents_of_ones_own_are_platform_and_those_of_others_are_guests(
    cloud: Cloud,
) -> None:
    own, other = f"service-10@gcp-sa-pubsub.{_IAM}", f"service-77@gcp-sa-pubsub.{_IAM}"
    members = (f"serviceAccount:{own}", f"serviceAccount:{other}")
    cloud.bind("projects/acme-build", "roles/iam.serviceAccountTokenCreator", *members)
    assert [i.class_ for i in cloud.of("acme-prod", Identity, key=own)] == ["platform"]
    (guest,) = cloud.of("acme-build", Identity, key=other)
    assert (guest.home_account, guest.native_type) == ("77", "gcp.service_agent")
    ways = {t.principal: t for t in cloud.of("acme-build", Trust, identity="101")}
    assert ways[members[0]].relation == "platform"
    assert ways[members[1]].relation is None


def test_an_account_that_is_named_like_an_agent_is_none(cloud: Cloud) -> None:
    odd = f"service-7@acme-prod.{_IAM}"
    cloud.facts.add_account(ServiceAccount(email=odd, unique_id="102", project="acme-prod"))
    cloud.bind("projects/acme-prod", "roles/viewer", f"serviceAccount:{odd}")
    (one,) = cloud.of("acme-prod", Identity, native_id=odd)
    assert (one.class_, one.class_rule) == ("machine", "service_account")


def test_a_set_of_all_accounts_counts_for_each(cloud: Cloud) -> None:
    everyone = "principalSet://cloudresourcemanager.googleapis.com/projects/10/type/ServiceAccount"
    cloud.bind("projects/acme-build", "roles/viewer", everyone)
    assert cloud.of("acme-prod", Grant, identity="100")[0].scope_account == "acme-build"


def _pool(cloud: Cloud, condition: str = "", **given: Any) -> None:
    mapping = {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}
    provider = Provider(
        name=f"{_POOL}/providers/gh", id="gh", kind="oidc", issuer=_GITHUB, mapping=mapping,
        condition=condition,
    )  # fmt: skip
    cloud.facts.pools[_POOL] = Pool(
        name=_POOL, id="ci", project="acme-build", providers=[provider], **given
    )


def test_federation_is_graded_and_hashed_like_on_other_clouds(cloud: Cloud) -> None:
    _pool(cloud)
    subject = f"principal://iam.googleapis.com/{_POOL}/subject/repo:acme/web:ref:refs/heads/main"
    wide = f"principalSet://iam.googleapis.com/{_POOL}/attribute.repository/acme/web"
    cloud.bind(WEB, "roles/iam.workloadIdentityUser", subject, wide)
    found = {t.principal: (t.principal_kind, t.verdict) for t in cloud.of("acme-prod", Trust)}
    assert found == {subject: ("oidc", "guarded"), wide: ("oidc", "weak")}
    proofs = {c.attributes["subject"] for c in cloud.of("acme-prod", Credential)}
    assert proofs == {"repo:acme/web:ref:refs/heads/main", "repo:acme/web:*"}
    (door,) = cloud.of("acme-build", Trust, identity=_POOL)
    assert (door.principal, door.verdict) == (_GITHUB, "open")
    # who may only act as accounts is told of there, and is no identity of its own
    assert not cloud.of("acme-build", Identity, native_type="gcp.federated_principal")


def test_a_disabled_pool_lets_nobody_in(cloud: Cloud) -> None:
    _pool(cloud, disabled=True)
    member = f"principalSet://iam.googleapis.com/{_POOL}/*"
    cloud.bind(WEB, "roles/iam.workloadIdentityUser", member)
    assert cloud.of("acme-prod", Trust)[0].verdict == "broken"
    assert cloud.of("acme-build", Identity, key=_POOL)[0].enabled is False


def test_a_federated_principal_with_rights_of_its_own_is_an_identity(cloud: Cloud) -> None:
    _pool(cloud)
    member = f"principal://iam.googleapis.com/{_POOL}/subject/x"
    cloud.bind("projects/acme-prod", "roles/viewer", member)
    (one,) = cloud.of("acme-build", Identity, key=member)
    assert (one.kind, one.native_type) == ("workload", "gcp.federated_principal")
    assert cloud.of("acme-build", Trust, identity=member)[0].verdict == "guarded"
    assert cloud.of("acme-build", Credential, identity=member)[0].kind == "federated_trust"


def test_keys_say_what_is_wrong_with_them(cloud: Cloud) -> None:
    made = NOW - timedelta(days=800)
    cloud.facts.keys[WEB] = [
        Key(id="aaaa1111", account=WEB, created=made, endless=True),
        Key(id="bbbb2222", account=WEB, created=made, uploaded=True, expires=made),
        Key(id="cccc3333", account=WEB, created=made, disabled=True, disable_reason="EXPOSED",
            exposed="a public repository"),
    ]  # fmt: skip
    cloud.facts.key_activity = Activities(
        rows={"aaaa1111": Activity(at=NOW - timedelta(days=3), since=made, until=NOW)},
        since=made,
        until=NOW,
    )
    keys = {c.public_id: c for c in cloud.of("acme-prod", Credential)}
    assert {p: c.status for p, c in keys.items()} == {
        "…1111": "active", "…2222": "expired", "…3333": "inactive",
    }  # fmt: skip
    assert keys["…1111"].attributes["never_expires"] is True
    assert keys["…2222"].attributes["origin"] == "uploaded"
    assert keys["…3333"].attributes["exposed"] == "a public repository"
    used = {u.key[-8:]: u for u in cloud.of("acme-prod", Usage, subject="credential")}
    assert (used["aaaa1111"].usage, used["bbbb2222"].usage) == ("known", "unknown")
    assert used["bbbb2222"].window_days == 800
    assert "domain-wide delegation" in (used["bbbb2222"].note or "")


def test_nothing_is_said_of_use_that_was_not_read(cloud: Cloud) -> None:
    rows = cloud.rows("acme-prod", activity_asked=False)
    (used,) = [row for row in rows if isinstance(row, Usage)]
    assert (used.usage, used.window_days) == ("unknown", None)
    assert used.note == "last authentications were not read, or not all of them"


def test_an_api_key_bound_to_an_account_is_that_account(cloud: Cloud) -> None:
    name = "projects/10/locations/global/keys/uid-1"
    cloud.facts.api_keys["acme-prod"] = [
        ApiKey(name=name, uid="uid-1", project="acme-prod", title="map", account=WEB)
    ]
    (key,) = cloud.of("acme-prod", Identity, native_type="gcp.api_key")
    assert key.attributes["unrestricted"] is True
    (trust,) = cloud.of("acme-prod", Trust)
    assert (trust.identity, trust.verdict, trust.principal_native_id) == (
        "100", "open", key.native_id,
    )  # fmt: skip


def test_owner_signals(cloud: Cloud) -> None:
    cloud.bind(
        "projects/acme-prod", "roles/owner", "user:dana@acme.example", f"serviceAccount:{CI}"
    )
    cloud.bind(WEB, "roles/iam.serviceAccountUser", "user:lee@acme.example")
    cloud.facts.accounts[WEB].description = "asked for by kim@acme.example"
    cloud.facts.contacts["folders/5"] = [
        Contact(
            place="folders/5", email="ops@acme.example", categories=("TECHNICAL",), valid=False
        ),
        Contact(place="folders/5", email="bills@acme.example", categories=("BILLING",)),
    ]
    cloud.facts.creations = [
        Creation(event="CreateServiceAccount", at=NOW, by=CI, through="pat@acme.example",
                 email=WEB, unique_id="100"),
        Creation(event="CreateServiceAccountKey", at=NOW, by=CI, email=WEB),
        Creation(event="CreateServiceAccount", at=NOW, by="eve@acme.example", email=WEB,
                 unique_id="88"),
    ]  # fmt: skip
    found = {(c.signal, c.reference): c for c in cloud.of("acme-prod", Claim)}
    assert set(found) == {
        ("S12", "dana@acme.example"), ("S12", "ops@acme.example"), ("S20", "lee@acme.example"),
        ("S14", "kim@acme.example"), ("S7", "pat@acme.example"), ("S8", CI),
    }  # fmt: skip
    assert found["S12", "ops@acme.example"].departed is True
    assert found["S8", CI].by_machine is True
    assert found["S7", "pat@acme.example"].by_machine is False
