"""Who may enter which account, and what their own policies let them do there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nhiscan_sandbox.sandbox import Sandbox


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_session_belongs_to_the_role_s_account(cloud: Any) -> None:
    identity = cloud.inside("910000000002", "sts").get_caller_identity()
    assert identity["Account"] == "910000000002"
    assert identity["Arn"] == "arn:aws:sts::910000000002:assumed-role/nhiscan/nhiscan"


@pytest.mark.parametrize(
    ("role", "external"),
    [
        ("arn:aws:iam::910000000001:role/nhiscan", "wrong"),
        ("arn:aws:iam::910000000001:role/nhiscan", None),
        ("arn:aws:iam::910000000001:role/absent", "acme-dental-7f3a"),
        ("arn:aws:iam::999999999999:role/nhiscan", "acme-dental-7f3a"),
        ("arn:aws:iam::910000000002:role/datadog-integration", "dd-acme-2b91"),
    ],
)
def test_untrusted_callers_are_refused(cloud: Any, role: str, external: str | None) -> None:
    extra = {"ExternalId": external} if external else {}
    with pytest.raises(ClientError) as error:
        cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="nhiscan", **extra)
    assert code(error) == "AccessDenied"
    assert f"sts:AssumeRole on resource: {role}" in str(error.value)


def test_the_caller_too_needs_the_permission(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.grant("900000000001", "nhiscan-scanner", [{"Action": "s3:GetObject"}])
    with pytest.raises(ClientError) as error:
        cloud.enter("910000000001")
    assert code(error) == "AccessDenied"


def test_unknown_key_is_refused(cloud: Any) -> None:
    stranger = {"AWS_ACCESS_KEY_ID": "AKIASTRANGER00000000", "AWS_SECRET_ACCESS_KEY": "x"}
    with pytest.raises(ClientError) as error:
        cloud.client("iam", stranger).list_users()
    assert code(error) == "InvalidClientTokenId"


def test_missing_permission_names_the_action(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.grant("910000000001", "nhiscan", [{"Action": ["iam:Get*", "iam:List*"]}])
    iam = cloud.inside("910000000001", "iam")
    iam.get_account_authorization_details()
    with pytest.raises(ClientError) as error:
        iam.generate_credential_report()
    assert code(error) == "AccessDenied"
    assert "because no identity-based policy allows the iam:GenerateCredentialReport" in str(
        error.value
    )


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("secretsmanager", "list_secrets", "AccessDeniedException"),
        ("organizations", "list_accounts", "AccessDeniedException"),
        ("ec2", "describe_regions", "UnauthorizedOperation"),
        ("iam", "list_users", "AccessDenied"),
    ],
)
def test_denials_have_each_service_s_own_code(
    cloud: Any, sandbox: Sandbox, service: str, operation: str, expected: str
) -> None:
    sandbox.grant("910000000001", "nhiscan", [{"Action": "s3:GetObject"}])
    with pytest.raises(ClientError) as error:
        getattr(cloud.inside("910000000001", service), operation)()
    assert code(error) == expected


def test_deny_beats_allow_and_says_so(cloud: Any) -> None:
    with pytest.raises(ClientError) as error:
        cloud.inside("920000000003", "secretsmanager").list_secrets()
    assert "with an explicit deny in an identity-based policy" in str(error.value)


def test_writes_are_refused_to_the_scanner(cloud: Any, sandbox: Sandbox) -> None:
    with pytest.raises(ClientError) as error:
        cloud.inside("910000000001", "iam").create_user(UserName="evil")
    assert code(error) == "AccessDenied"
    assert [call.operation for call in sandbox.log.writes()] == ["CreateUser"]


def test_enforcement_can_be_switched_off_for_a_role(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.grant("910000000001", "nhiscan", [{"Action": "s3:GetObject"}])
    sandbox.enforce("arn:aws:iam::910000000001:role/nhiscan", on=False)
    assert cloud.inside("910000000001", "iam").list_users()["Users"] == []


def test_reset_undoes_what_a_test_changed(cloud: Any, sandbox: Sandbox) -> None:
    admin = cloud.client("iam", sandbox.admin("910000000002"))
    admin.create_user(UserName="passing-by")
    sandbox.reset()
    names = [user["UserName"] for user in admin.list_users(MaxItems=1000)["Users"]]
    assert "passing-by" not in names
    assert "deploy-bot" in names
