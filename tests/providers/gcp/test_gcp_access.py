"""Calls are tried again where that helps, and what fails says why; over HTTP and gRPC."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from nhiscan.ledger import Meter, Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.lists import Listing, read_pages
from nhiscan_providers.gcp.options import Endpoint, Options
from nhiscan_providers.gcp.wire import Patience, Wire
from tests.providers.gcp.script import Answer, Script, accounts, error, rpc_error

_QUICK = Patience(
    attempts=3, connect=2.0, read=2.0, deadline=20.0, pause=0.01, longest_pause=0.02, haste=10000
)
_LISTING = Listing(
    api="cloudasset", name="ListAssets", places={"parent": "organizations/1"}, params={"x": "y"}
)


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.close()


def _access(script: Script, **given: Any) -> Access:
    endpoint = Endpoint(grpc=script.grpc, rest=script.rest)
    entry = {"organization": "1", "credentials": "anonymous", "endpoint": endpoint}
    return Access(Wire(_QUICK), Options(**{**entry, **given}))


def _call(script: Script, **given: Any) -> dict[str, Any]:
    access = _access(script, **given)
    return access.call(
        Meter(), "cloudresourcemanager", "GetOrganization", {"name": "organizations/1"}
    )


@pytest.mark.parametrize(
    "fault",
    [
        error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
        error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", delay=0.1),
        error(503, "UNAVAILABLE"),
        error(500, "INTERNAL"),
        Answer("Bad Gateway", 502, text="<html>"),
        Answer({"displayName": "acme.example"}, cut=True),
        Answer(text="{"),
        Answer({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}, 403),
    ],
)
def test_passing_faults_change_nothing(script: Script, fault: Answer) -> None:
    script.answers = [fault, fault, Answer({"displayName": "acme.example"})]
    begun = monotonic()
    assert _call(script) == {"displayName": "acme.example"}
    asked = "retryDelay" in str(fault.body)
    assert monotonic() - begun >= (0.2 if asked else 0.0)


@pytest.mark.parametrize(
    ("fault", "kind", "state", "said"),
    [
        (error(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED",
               {"permission": "resourcemanager.organizations.get"}),
         "denied", "denied", "grant resourcemanager.organizations.get (IAM_PERMISSION_DENIED)"),
        (error(403, "PERMISSION_DENIED", "SERVICE_DISABLED",
               {"service": "cloudasset.googleapis.com", "consumer": "projects/acme-sec"}),
         "off", "denied",
         "gcloud services enable cloudasset.googleapis.com --project acme-sec (SERVICE_DISABLED)"),
        (error(403, "PERMISSION_DENIED", "SECURITY_POLICY_VIOLATED"), "perimeter", "denied",
         "VPC Service Controls"),
        (error(403, "PERMISSION_DENIED", perimeter=True), "perimeter", "denied",
         "VPC Service Controls"),
        (error(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED"), "quota_project", "denied",
         "quota project may not be used"),
        (error(403, "PERMISSION_DENIED", "BILLING_DISABLED"), "gone", "denied", "billing"),
        (error(404, "NOT_FOUND"), "missing", "unreachable", "no such thing"),
        (error(401, "UNAUTHENTICATED"), "credentials", "denied", "refused"),
        (error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED",
               {"quota_limit": "ReadsPerDayPerProject"}), "daily", "throttled", "of the day"),
        (error(403, "PERMISSION_DENIED", "SERVICE_DISABLED",
               {"service": "evil\x1b[2J.example", "consumer": "projects/$(rm)"}),
         "off", "denied", "enable cloudresourcemanager.googleapis.com --project QUOTA_PROJECT"),
    ],
)  # fmt: skip
def test_lasting_faults_say_which_and_how_to_mend_it(
    script: Script, fault: Answer, kind: str, state: str, said: str
) -> None:
    script.answers = [fault]
    with pytest.raises(Fault) as caught:
        _call(script)
    assert (caught.value.kind, caught.value.state) == (kind, state)
    assert said in caught.value.reason
    assert "secret text" not in caught.value.reason
    assert len(script.seen) == 1  # asking again would not help


def test_a_fault_that_stays_ends_as_what_it_is(script: Script) -> None:
    script.answers = [error(429, "RESOURCE_EXHAUSTED")] * 3
    with pytest.raises(Fault) as caught:
        _call(script)
    assert caught.value.state == "throttled"
    script.answers = [error(503, "UNAVAILABLE")] * 3
    with pytest.raises(Fault) as caught:
        _call(script)
    assert caught.value.state == "unreachable"


def test_grpc_is_tried_again_and_told_apart_too(script: Script) -> None:
    access, meter = _access(script, quota_project="acme-sec"), Meter()
    script.rpcs = [
        rpc_error(8, "RATE_LIMIT_EXCEEDED", delay=0.1),
        rpc_error(8),
        accounts("a", "b", token="page2"),  # noqa: S106 a page
    ]
    rows, token = access.accounts(meter, "p1", "")
    assert ([row.email[0] for row in rows], token, meter.calls) == (["a", "b"], "page2", 3)
    assert script.seen[0][2]["x-goog-user-project"] == "acme-sec"
    script.rpcs = [rpc_error(14), accounts()]
    assert access.accounts(meter, "p1", "page2") == ([], "")
    script.rpcs = [
        rpc_error(7, "SERVICE_DISABLED", service="iam.googleapis.com", consumer="projects/x1")
    ]
    with pytest.raises(Fault, match=r"iam\.googleapis\.com --project x1"):
        access.accounts(meter, "p1", "")


def test_pages_empty_ones_included_are_read_to_the_end(script: Script) -> None:
    script.answers = [
        Answer({"assets": [{"n": 1}], "nextPageToken": "a"}),
        Answer({"nextPageToken": "b"}),
        Answer({"nextPageToken": "b"}),
        error(503, "UNAVAILABLE"),
        Answer({"assets": [{"n": 2}]}),
    ]
    found: list[Any] = []
    reading = Reading("x")
    assert read_pages(_access(script), reading, _LISTING, found.append, found.clear)
    assert found == [{"n": 1}, {"n": 2}]
    assert (reading.calls, reading.pages) == (5, 4)
    assert all("x=y" in path and "pageSize=1000" in path for _, path, _ in script.seen)


def test_a_refused_token_begins_the_list_anew(script: Script) -> None:
    script.answers = [
        Answer({"assets": [{"n": 1}], "nextPageToken": "a"}),
        error(400, "INVALID_ARGUMENT"),
        Answer({"assets": [{"n": 1}], "nextPageToken": "b"}),
        Answer({"assets": [{"n": 2}]}),
    ]
    found: list[Any] = []
    assert read_pages(_access(script), Reading("x"), _LISTING, found.append, found.clear)
    assert found == [{"n": 1}, {"n": 2}]


def test_a_list_that_runs_in_a_circle_is_cut(script: Script) -> None:
    script.answers = [Answer({"assets": [{}], "nextPageToken": "a"})] * 2
    with pytest.raises(Fault, match="does not go on"):
        read_pages(_access(script), Reading("x"), _LISTING, lambda row: None, lambda: None)


def test_a_token_of_the_account_is_fetched_once_and_sent(script: Script) -> None:
    minted = Answer({"accessToken": "ya29.x", "expireTime": "2099-01-01T00:00:00Z"})
    script.answers = [minted, Answer({}), Answer({})]
    access = _access(script, impersonate="n@acme-sec.iam.gserviceaccount.com")
    for _ in range(2):
        access.call(Meter(), "cloudresourcemanager", "GetOrganization", {"name": "organizations/1"})
    assert [verb for verb, _, _ in script.seen] == ["POST", "GET", "GET"]
    assert script.seen[2][2]["Authorization"] == "Bearer ya29.x"
    assert "serviceAccounts/n@acme-sec.iam.gserviceaccount.com:generate" in script.seen[0][1]


def test_who_may_not_impersonate_is_told_so(script: Script) -> None:
    script.answers = [error(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")]
    access = _access(script, impersonate="n@acme-sec.iam.gserviceaccount.com")
    with pytest.raises(Fault, match="cannot become n@acme-sec") as caught:
        access.enter(Meter())
    assert "iam.serviceAccounts.getAccessToken" in caught.value.reason


def test_a_server_that_is_not_there() -> None:
    endpoint = Endpoint(grpc="127.0.0.1:9", rest="http://127.0.0.1:9")
    options = Options(organization="1", credentials="anonymous", endpoint=endpoint)
    with pytest.raises(Fault) as caught:
        Access(Wire(_QUICK), options).call(
            Meter(), "cloudresourcemanager", "GetOrganization", {"name": "organizations/1"}
        )
    assert caught.value.state == "unreachable"
