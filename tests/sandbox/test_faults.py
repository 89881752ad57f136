"""Faults befall the calls they name, and no others; canaries sit where secrets could."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from nhiscan_sandbox.faults import Fault, parse, read
from nhiscan_sandbox.sandbox import Sandbox

ACCOUNT = "910000000001"


@pytest.mark.parametrize(
    ("kind", "service", "operation", "expected"),
    [
        ("throttle", "iam", "list_users", "Throttling"),
        ("throttle", "secretsmanager", "list_secrets", "ThrottlingException"),
        ("throttle", "organizations", "list_roots", "TooManyRequestsException"),
        ("throttle", "ec2", "describe_regions", "RequestLimitExceeded"),
        ("error", "iam", "list_users", "InternalFailure"),
        ("denied", "ssm", "describe_parameters", "AccessDeniedException"),
        ("expired", "iam", "list_users", "ExpiredToken"),
        ("expired", "ssm", "describe_parameters", "ExpiredTokenException"),
        ("region_off", "ec2", "describe_regions", "AuthFailure"),
        ("region_off", "secretsmanager", "list_secrets", "UnrecognizedClientException"),
    ],
)
def test_errors_have_the_service_s_own_code(
    cloud: Any, sandbox: Sandbox, kind: Any, service: str, operation: str, expected: str
) -> None:
    sandbox.faults.set([Fault(kind=kind, service=service)])
    with pytest.raises(ClientError) as error:
        getattr(cloud.inside(ACCOUNT, service), operation)()
    assert error.value.response["Error"]["Code"] == expected


def test_only_the_nth_matching_call_is_hit(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.grant(ACCOUNT, "nhiscan", [{"Action": "iam:*"}])
    sandbox.faults.set([Fault(kind="throttle", account=ACCOUNT, operation="ListUsers", nth=(2,))])
    iam, other = cloud.inside(ACCOUNT, "iam"), cloud.inside("910000000002", "iam")
    iam.list_users()
    iam.get_account_summary()
    other.get_account_summary()
    with pytest.raises(ClientError, match="Throttling"):
        iam.list_users()
    iam.list_users()
    assert [call.fault for call in sandbox.log.of("ListUsers", account=ACCOUNT)] == [
        None,
        "throttle",
        None,
    ]


def test_assume_role_counts_for_the_account_it_enters(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.faults.set([Fault(kind="denied", account=ACCOUNT, operation="AssumeRole")])
    cloud.enter("910000000002")
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.enter(ACCOUNT)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind="reset", operation="GetAccountSummary"), ConnectionClosedError),
        (Fault(kind="truncate", operation="GetAccountSummary"), ResponseParserError),
        (Fault(kind="slow", operation="GetAccountSummary", seconds=2.5), ReadTimeoutError),
    ],
)
def test_connections_fail(
    cloud: Any, sandbox: Sandbox, fault: Fault, expected: type[Exception]
) -> None:
    sandbox.faults.set([fault])
    with pytest.raises(expected):
        cloud.inside(ACCOUNT, "iam").get_account_summary()
    sandbox.faults.clear()
    assert cloud.inside(ACCOUNT, "iam").get_account_summary()["SummaryMap"]["Users"] == 0


def test_faults_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("faults:\n- {kind: error, service: iam, nth: [1, 2], status: 503}\n")
    assert read(file) == [Fault(kind="error", service="iam", nth=(1, 2), status=503)]
    with pytest.raises(msgspec.ValidationError, match="opration"):
        parse([{"kind": "error", "opration": "ListUsers"}])


def test_canaries_are_in_replies_and_are_listed(cloud: Any, sandbox: Sandbox) -> None:
    trail = cloud.inside("910000000002", "cloudtrail")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateAccessKey"}]
    (event,) = trail.lookup_events(LookupAttributes=wanted)["Events"]
    answered = json.loads(event["CloudTrailEvent"])["responseElements"]
    assert answered["accessKey"]["secretAccessKey"] in sandbox.canaries
    session = cloud.enter(ACCOUNT)
    assert any(session["AWS_SECRET_ACCESS_KEY"].startswith(value) for value in sandbox.canaries)


def test_planted_fields_are_on_the_wire(cloud: Any, sandbox: Sandbox) -> None:
    bodies: list[bytes] = []
    iam, secrets = (
        cloud.inside("910000000002", "iam"),
        cloud.inside("910000000002", "secretsmanager"),
    )
    for client in (iam, secrets):
        client.meta.events.register(
            "before-parse.*.*", lambda response_dict, **_: bodies.append(response_dict["body"])
        )
    iam.get_account_authorization_details()
    secrets.list_secrets()
    assert b"CANARY-field-SecretAccessKey" in bodies[0]
    assert b"CANARY-field-SecretString" in bodies[1]


def test_report_can_have_expired(cloud: Any, sandbox: Sandbox) -> None:
    gone = Fault(kind="error", operation="GetCredentialReport", code="ReportExpired", status=410)
    sandbox.faults.set([gone])
    iam = cloud.inside(ACCOUNT, "iam")
    iam.generate_credential_report()
    with pytest.raises(ClientError, match="ReportExpired"):
        iam.get_credential_report()
    sandbox.faults.clear()
    sandbox.reports.expire(ACCOUNT)
    assert iam.generate_credential_report()["State"] == "STARTED"
