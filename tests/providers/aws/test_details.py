"""Pages of account details: any mixture, resolved at the end, honest about what is missing."""

import json
from typing import Any
from urllib.parse import quote

from nhiscan_providers.aws.reading.capabilities import CapabilityReader
from nhiscan_providers.aws.sources.authorization import Details

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def _document(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return quote(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), safe="")


def _user(**more: Any) -> dict[str, Any]:
    return {"UserId": "AIDA1", "UserName": "bot", "Arn": "arn:aws:iam::1:user/bot", **more}


def _policy(arn: str, *versions: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": arn, "PolicyVersionList": list(versions)}


def _privilege(details: Details) -> str:
    user = details.users["bot"]
    reader = CapabilityReader(())
    return reader.read(details.policies_of(user), details.boundary_of(user)).privilege


def test_a_policy_on_a_later_page_is_resolved() -> None:
    details = Details()
    details.take({"UserDetailList": [_user(AttachedManagedPolicies=[{"PolicyArn": ADMIN}])]})
    assert not details.ready(details.users["bot"])
    version = {"IsDefaultVersion": True, "Document": _document("*")}
    details.take({"Policies": [_policy(ADMIN, version)], "RoleDetailList": []})
    assert details.ready(details.users["bot"])
    assert _privilege(details) == "admin"


def test_only_the_default_version_counts() -> None:
    details = Details()
    old = {"IsDefaultVersion": False, "Document": _document("*")}
    new = {"IsDefaultVersion": True, "Document": _document("s3:ListBucket")}
    details.take({"UserDetailList": [_user(AttachedManagedPolicies=[{"PolicyArn": ADMIN}])]})
    details.take({"Policies": [_policy(ADMIN, old, new)]})
    assert _privilege(details) == "read"


def test_a_group_on_a_later_page_is_resolved() -> None:
    details = Details()
    details.take({"UserDetailList": [_user(GroupList=["ops"])]})
    assert not details.ready(details.users["bot"])
    inline = [{"PolicyName": "all", "PolicyDocument": _document("*")}]
    details.take({"GroupDetailList": [{"GroupName": "ops", "GroupPolicyList": inline}]})
    (policy,) = details.policies_of(details.users["bot"])
    assert (policy.name, policy.via) == ("all", "group:ops")


def test_a_policy_that_a_whole_list_lacks_is_unknown_and_its_holder_stays() -> None:
    details = Details()
    details.take({"UserDetailList": [_user(AttachedManagedPolicies=[{"PolicyArn": ADMIN}])]})
    details.whole = True
    assert details.ready(details.users["bot"])
    assert _privilege(details) == "unknown"


def test_a_boundary_that_was_not_listed_is_unknown() -> None:
    details = Details()
    boundary = {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/limit"}
    inline = [{"PolicyName": "all", "PolicyDocument": _document("*")}]
    details.take({"UserDetailList": [_user(PermissionsBoundary=boundary, UserPolicyList=inline)]})
    details.whole = True
    assert _privilege(details) == "unknown"


def test_beginning_anew_keeps_no_row() -> None:
    details = Details()
    details.take({"UserDetailList": [_user()]})
    details.clear()
    assert details.users == {}
