"""Writes moto's users, groups, roles and policies as GetAccountAuthorizationDetails shows them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

_Row = dict[str, Any]


def user(made: Any) -> _Row:
    """Write one UserDetail."""
    row = _named(made, "User") | {
        "CreateDate": made.create_date,
        "UserPolicyList": _inline(made.policies),
        "GroupList": made.group_list,
        "AttachedManagedPolicies": made.attached_managed_policies,
        "Tags": made.tags or [],
    }
    if boundary := getattr(made, "permissions_boundary_arn", None):
        row["PermissionsBoundary"] = _boundary(boundary)
    return row


def group(made: Any) -> _Row:
    """Write one GroupDetail."""
    return _named(made, "Group") | {
        "CreateDate": made.create_date,
        "GroupPolicyList": _inline(made.policies),
        "AttachedManagedPolicies": made.attached_managed_policies,
    }


def role(made: Any) -> _Row:
    """Write one RoleDetail; RoleLastUsed is empty for a role not used in AWS's window."""
    used = {"LastUsedDate": made.last_used, "Region": made.last_used_region}
    row = _named(made, "Role") | {
        "CreateDate": made.create_date,
        "AssumeRolePolicyDocument": quote(made.assume_role_policy_document, safe=""),
        "InstanceProfileList": [_profile(profile) for profile in made.instance_profile_list],
        "RolePolicyList": _inline(made.policies),
        "AttachedManagedPolicies": made.attached_managed_policies,
        "Tags": made.tags,
        "RoleLastUsed": used if made.last_used else {},
    }
    if made.permissions_boundary_arn:
        row["PermissionsBoundary"] = _boundary(made.permissions_boundary_arn)
    return row


def policy(made: Any) -> _Row:
    """Write one ManagedPolicyDetail, with all its versions."""
    return {
        "PolicyName": made.name,
        "PolicyId": made.id,
        "Arn": made.arn,
        "Path": made.path,
        "DefaultVersionId": made.default_version_id,
        "AttachmentCount": made.attachment_count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": made.create_date,
        "UpdateDate": made.update_date,
        "PolicyVersionList": [
            {
                "Document": quote(version.document, safe=""),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default_version,
                "CreateDate": version.create_date,
            }
            for version in made.versions
        ],
    }


def _named(made: Any, kind: str) -> _Row:
    return {f"{kind}Name": made.name, f"{kind}Id": made.id, "Arn": made.arn, "Path": made.path}


def _inline(policies: Mapping[str, str]) -> list[_Row]:
    pairs: Iterable[tuple[str, str]] = policies.items()
    return [{"PolicyName": name, "PolicyDocument": quote(text, safe="")} for name, text in pairs]


def _boundary(arn: str) -> _Row:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def _profile(made: Any) -> _Row:
    return {
        "InstanceProfileName": made.name,
        "InstanceProfileId": made.id,
        "Arn": made.arn,
        "Path": made.path,
        "CreateDate": made.create_date,
        "Roles": [],
    }
