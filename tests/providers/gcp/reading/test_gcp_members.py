"""Members of bindings are told apart by form, in every universe of Google's."""

import pytest

from nhiscan_providers.gcp.reading.members import own, read_member

_IAM = "iam.gserviceaccount.com"
_POOL = "iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci"


@pytest.mark.parametrize(
    ("text", "kind", "rule", "project"),
    [
        ("serviceAccount:7-compute@developer.gserviceaccount.com", "default_account",
         "default_compute", "7"),
        ("serviceAccount:acme-prod@appspot.gserviceaccount.com", "default_account",
         "default_appengine", "acme-prod"),
        ("serviceAccount:app.acme.example@appspot.gserviceaccount.com", "default_account",
         "default_appengine", "acme.example:app"),
        ("serviceAccount:7@cloudbuild.gserviceaccount.com", "default_account",
         "legacy_cloudbuild", "7"),
        (f"serviceAccount:deploy@acme-prod.{_IAM}", "service_account", "service_account",
         "acme-prod"),
        (f"serviceAccount:deploy@proj.acme.example.{_IAM}", "service_account", "service_account",
         "acme.example:proj"),
        (f"serviceAccount:deploy@acme-prod.s3ns.{_IAM}", "service_account", "service_account",
         "s3ns:acme-prod"),
        (f"serviceAccount:service-7@gcp-sa-pubsub.{_IAM}", "service_agent", "agent_project", "7"),
        (f"serviceAccount:service-7@compute-system.{_IAM}", "service_agent", "agent_project", "7"),
        (f"serviceAccount:service-p7@gcp-sa-x.{_IAM}", "service_agent", "agent_project", "7"),
        (f"serviceAccount:service-org-9@gcp-sa-logging.{_IAM}", "service_agent",
         "agent_organization", None),
        (f"serviceAccount:service-folder-9@gcp-sa-logging.{_IAM}", "service_agent", "agent_folder",
         None),
        ("serviceAccount:7@cloudservices.gserviceaccount.com", "service_agent",
         "agent_cloudservices", "7"),
        ("serviceAccount:a@b.example.gserviceaccount.com", "service_agent",
         "agent_unknown_domain", None),
        ("serviceAccount:acme-prod.svc.id.goog[web/api]", "kubernetes", "kubernetes_workload",
         "acme-prod"),
        (f"principal://{_POOL}/subject/repo:a/b:ref:refs/heads/main", "federated",
         "federated_subject", "42"),
        (f"principalSet://{_POOL}/attribute.repository/a/b", "federated", "federated_set", "42"),
        (f"principalSet://{_POOL}/*", "federated", "federated_set", "42"),
        ("principal://agents.global.org-9.system.id.goog/resources/aiplatform/projects/7/locations"
         "/x/reasoningEngines/1", "agent", "agent_identity", "7"),
        ("principal://agents.global.9.system.id.goog/resources/aiplatform/projects/7/locations"
         "/x/reasoningEngines/1", "agent", "agent_identity", "7"),
        ("principalSet://cloudresourcemanager.googleapis.com/projects/7/type/ServiceAccount",
         "all_accounts", "all_accounts_of_projects", "7"),
        ("principal://iam.googleapis.com/locations/global/workforcePools/w/subject/x", "workforce",
         "workforce", None),
        ("user:dana@acme.example", "user", "user", None),
        ("group:ops@acme.example", "group", "group", None),
        ("domain:acme.example", "domain", "domain", None),
        ("allUsers", "public", "public", None),
        ("allAuthenticatedUsers", "public", "public", None),
        ("projectEditor:acme-prod", "convenience", "convenience", "acme-prod"),
        ("martian:x", "unknown", "unknown_form", None),
    ],
)  # fmt: skip
def test_forms(text: str, kind: str, rule: str, project: str | None) -> None:
    member = read_member(text)
    assert (member.kind, member.rule, member.project) == (kind, rule, project)
    assert member.text == text


def test_a_tombstone_keeps_the_number_and_the_project() -> None:
    member = read_member(f"deleted:serviceAccount:old@acme-prod.{_IAM}?uid=123")
    assert (member.kind, member.unique_id, member.project) == ("deleted", "123", "acme-prod")
    assert member.address == f"old@acme-prod.{_IAM}"
    assert not member.is_machine


def test_an_account_that_only_starts_like_an_agent_is_its_projects() -> None:
    member = read_member(f"serviceAccount:service-7@acme-prod.{_IAM}")
    assert member.domain == "acme-prod"
    assert (own(member).kind, own(member).project) == ("service_account", "acme-prod")


def test_parts_of_federated_members() -> None:
    member = read_member(f"principalSet://{_POOL}/attribute.repository/a/b")
    assert (member.pool, member.part) == ("ci", "attribute.repository/a/b")
    cluster = read_member("serviceAccount:acme-prod.svc.id.goog[web/api]")
    assert cluster.part == "system:serviceaccount:web:api"
