"""Who could become which service account: by a key, a policy, a workload or another provider."""

from typing import Any

import pytest

from nhiscan.records import Credential, Grant, Identity, Trust
from nhiscan.store.read import open_reader
from nhiscan_providers.gcp.facts import Pool, ServiceAccount
from nhiscan_providers.gcp.reading.roles import read_role
from tests.conftest import Project
from tests.providers.gcp.test_gcp_rows import CI, WEB, Cloud

_POOL = "projects/11/locations/global/workloadIdentityPools/ci"
_IAM = "iam.gserviceaccount.com"
OWN = f"*@acme-prod.{_IAM}"
_TARGETS = """
SELECT DISTINCT t.name, c.way, c.verdict
FROM can_become AS c
JOIN identities AS h ON h.identity_id = c.identity_id
JOIN identities AS t ON t.identity_id = c.target_id
WHERE h.account_id = ? AND h.native_id = ?
"""


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def powers(cloud: Cloud, account: str, identity: str) -> set[tuple[Any, ...]]:
    """List the powers of an identity: way, pattern, account of the targets and verdict."""
    return {
        (one.way, one.acts_as, one.scope_account, one.verdict)
        for one in cloud.of(account, Grant, identity=identity)
        if one.acts_as
    }


@pytest.mark.parametrize(
    ("role", "ways"),
    [
        ("roles/iam.serviceAccountKeyAdmin", {"new_credential"}),
        ("roles/iam.serviceAccountApiKeyBindingAdmin", {"new_credential"}),
        ("roles/iam.serviceAccountAdmin", {"changed_trust"}),
        ("roles/iam.securityAdmin", {"changed_trust"}),
        ("roles/resourcemanager.projectIamAdmin", {"changed_trust"}),
        ("roles/editor", {"new_credential", "passed_role"}),
        ("roles/owner", {"new_credential", "changed_trust", "passed_role"}),
        ("roles/iam.serviceAccountUser", {"passed_role"}),
        ("roles/iam.serviceAccountTokenCreator", {"assume"}),
        ("roles/iam.workloadIdentityUser", {"assume"}),
        ("roles/viewer", set()),
    ],
)
def test_ways_of_roles(role: str, ways: set[str]) -> None:
    assert set(read_role(role, {}).ways) == ways


def test_a_custom_role_is_read_from_its_permissions() -> None:
    name = "projects/p/roles/r"
    permissions = {
        "iam.serviceAccountKeys.create", "iam.serviceAccounts.signJwt",
        "resourcemanager.projects.setIamPolicy", "run.services.create",
        "iam.googleapis.com/workloadIdentityPoolProviders.update",
    }  # fmt: skip
    role = read_role(name, {name: frozenset(permissions)})
    assert set(role.ways) == {"new_credential", "assume", "changed_trust"}
    assert (role.starts, role.federates) == (True, True)
    reader = read_role(name, {name: frozenset({"iam.serviceAccounts.list"})})
    assert (reader.ways, reader.starts, reader.federates) == ((), False, False)


def test_a_role_on_a_project_reaches_its_accounts_in_whichever_project_one_lives(
    cloud: Cloud,
) -> None:
    cloud.bind("projects/acme-prod", "roles/iam.serviceAccountKeyAdmin", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == {("new_credential", OWN, "acme-prod", "granted")}
    # a key must be made first: that is no trust of the account's
    assert not cloud.of("acme-prod", Trust)


def test_default_accounts_are_told_one_by_one(cloud: Cloud) -> None:
    default = "10-compute@developer.gserviceaccount.com"
    cloud.facts.add_account(ServiceAccount(email=default, unique_id="102", project="acme-prod"))
    cloud.bind("projects/acme-prod", "roles/iam.serviceAccountAdmin", f"serviceAccount:{CI}")
    patterns = {one[1] for one in powers(cloud, "acme-build", "101")}
    assert patterns == {OWN, default}


def test_a_role_on_one_account_reaches_that_one_and_never_itself(cloud: Cloud) -> None:
    key_admin = "roles/iam.serviceAccountKeyAdmin"
    cloud.bind(WEB, key_admin, f"serviceAccount:{CI}", f"serviceAccount:{WEB}")
    assert powers(cloud, "acme-build", "101") == {("new_credential", WEB, "acme-prod", "granted")}
    assert powers(cloud, "acme-prod", "100") == set()


def test_a_role_above_projects_reaches_each_below(cloud: Cloud) -> None:
    cloud.bind("folders/5", "roles/iam.serviceAccountKeyAdmin", f"serviceAccount:{WEB}")
    cloud.bind("organizations/1", "roles/iam.serviceAccountAdmin", f"serviceAccount:{WEB}")
    assert powers(cloud, "acme-prod", "100") == {
        ("new_credential", OWN, None, "granted"),
        ("changed_trust", OWN, None, "granted"),
        ("changed_trust", f"*@acme-build.{_IAM}", "acme-build", "granted"),
    }


def test_an_account_is_run_as_by_who_may_use_it_and_start_a_workload_there(cloud: Cloud) -> None:
    cloud.bind(WEB, "roles/iam.serviceAccountUser", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == set()
    cloud.bind("projects/acme-build", "roles/run.developer", f"serviceAccount:{CI}")
    # elsewhere: whether a workload may cross projects is a policy that was not read
    assert powers(cloud, "acme-build", "101") == {("passed_role", WEB, "acme-prod", "unknown")}
    cloud.bind("folders/5", "roles/run.developer", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == {("passed_role", WEB, "acme-prod", "granted")}


def test_a_role_that_only_its_name_tells_of_may_start_a_workload(cloud: Cloud) -> None:
    cloud.bind(WEB, "roles/iam.serviceAccountUser", f"serviceAccount:{CI}")
    cloud.bind("projects/acme-prod", "roles/newservice.developer", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == {("passed_role", WEB, "acme-prod", "unknown")}


def test_a_condition_narrows_and_a_role_that_was_not_read_is_unknown(cloud: Cloud) -> None:
    member = f"serviceAccount:{CI}"
    cloud.bind(WEB, "roles/iam.serviceAccountKeyAdmin", member, condition="request")
    assert powers(cloud, "acme-build", "101") == {("new_credential", WEB, "acme-prod", "scoped")}
    cloud.bind(WEB, "projects/acme-prod/roles/hidden", member)
    assert powers(cloud, "acme-build", "101") == {
        ("new_credential", WEB, "acme-prod", "scoped"),
        ("new_credential", WEB, "acme-prod", "unknown"),
    }


def test_a_guest_has_its_powers_where_it_is_bound_and_is_trusted_where_it_has_no_row(
    cloud: Cloud,
) -> None:
    guest = f"backup@granite-ops.{_IAM}"
    key_admin = "roles/iam.serviceAccountKeyAdmin"
    cloud.bind(WEB, key_admin, f"serviceAccount:{guest}")
    assert [one.principal_native_id for one in cloud.of("acme-prod", Trust)] == [guest]
    cloud.bind("projects/acme-prod", "roles/viewer", f"serviceAccount:{guest}")
    assert powers(cloud, "acme-prod", guest) == {("new_credential", WEB, None, "granted")}
    assert not cloud.of("acme-prod", Trust, identity="100")


def _federated(cloud: Cloud) -> str:
    cloud.facts.pools[_POOL] = Pool(name=_POOL, id="ci", project="acme-build")
    member = f"principal://iam.googleapis.com/{_POOL}/subject/x"
    cloud.bind(WEB, "roles/iam.workloadIdentityUser", member)
    return member


def test_who_adds_a_provider_to_a_pool_is_whatever_trusts_the_pool(cloud: Cloud) -> None:
    member = _federated(cloud)
    cloud.bind("projects/acme-build", "roles/iam.workloadIdentityPoolAdmin", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == {("added_federation", WEB, "acme-prod", "granted")}
    cloud.bind("projects/acme-prod", "roles/viewer", member)
    whole = f"principal*://iam.googleapis.com/{_POOL}/*"
    assert ("added_federation", whole, None, "granted") in powers(cloud, "acme-build", "101")


def test_a_pool_that_nothing_trusts_leads_nowhere(cloud: Cloud) -> None:
    cloud.facts.pools[_POOL] = Pool(name=_POOL, id="ci", project="acme-build")
    cloud.bind("projects/acme-build", "roles/iam.workloadIdentityPoolAdmin", f"serviceAccount:{CI}")
    assert powers(cloud, "acme-build", "101") == set()


def test_every_account_of_a_set_is_granted_what_the_set_is_trusted_with(cloud: Cloud) -> None:
    everyone = "principalSet://cloudresourcemanager.googleapis.com/projects/11/type/ServiceAccount"
    cloud.bind(WEB, "roles/iam.serviceAccountTokenCreator", everyone)
    assert powers(cloud, "acme-build", "101") == {("assume", WEB, "acme-prod", "granted")}
    (door,) = cloud.of("acme-prod", Trust)
    assert (door.principal_kind, door.principal_account) == ("account", "acme-build")


def test_powers_are_told_once(cloud: Cloud) -> None:
    for place in ("projects/acme-prod", "folders/5", "organizations/1"):
        cloud.bind(place, "roles/owner", f"serviceAccount:{CI}", "user:dana@acme.example")
    found = [one for one in cloud.of("acme-build", Grant, identity="101") if one.acts_as]
    keys = [(one.scope, one.scope_account, one.role, one.acts_as, one.way) for one in found]
    assert len(keys) == len(set(keys)) == 3 * 3 + 3
    assert not cloud.of("acme-prod", Credential)
    assert cloud.of("acme-prod", Identity, key="100")[0].privilege == "none"


def targets(project: Project, account: str, holder: str) -> set[tuple[Any, ...]]:
    with open_reader(project.store) as con:
        return set(con.execute(_TARGETS, [f"gcp:{account}", holder]).fetchall())


def test_an_editor_of_the_sample_could_become_the_accounts_of_its_project(
    scanned: Project,
) -> None:
    rmm = f"northwind-rmm@northwind-tools.{_IAM}"
    found = targets(scanned, "acme-assay", rmm)
    loader = f"results-loader@acme-assay.{_IAM}"
    assert {row for row in found if row[0] == loader} == {
        (loader, "new_credential", "granted"),
        (loader, "passed_role", "granted"),
    }
    default = "911000000112-compute@developer.gserviceaccount.com"
    names = {name for name, *_ in found}
    assert default in names
    assert all(name.endswith("gserviceaccount.com") for name in names)
    assert rmm not in names
    with open_reader(scanned.store) as con:
        accounts = {
            row[0]
            for row in con.execute(
                "SELECT native_id FROM identities WHERE account_id = 'gcp:acme-assay'"
                " AND native_type = 'gcp.service_account' AND home_account_id IS NULL"
            ).fetchall()
        }
    assert names == accounts
