"""IAM: what moto lacks or does otherwise than AWS (paging, root, credentials)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from nhiscan_sandbox.aws import details, pages
from nhiscan_sandbox.aws.callers import iam
from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.estate.model import Account
from nhiscan_sandbox.estate.stable import stable_id

_DETAIL_LISTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "UserDetailList": details.user,
    "GroupDetailList": details.group,
    "RoleDetailList": details.role,
    "Policies": details.policy,
}
_FILTERS = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000


def bad_marker() -> Refusal:
    """Make the refusal of a marker that expired or was never given out."""
    return Refusal(400, "InvalidInput", "Invalid Marker: it has expired or is not of this list.")


def authorization_details(asked: Asked, account: Account) -> dict[str, Any]:
    """Answer GetAccountAuthorizationDetails: one marker over all four lists together.

    AWS managed policies come only when they are attached or used as a boundary.
    """
    wanted = asked.list("Filter") or list(_FILTERS)
    found = iam(account.id).get_account_authorization_details(wanted)
    rows: list[tuple[str, Any]] = [("UserDetailList", user) for user in found["users"]]
    rows += [("GroupDetailList", group) for group in found["groups"]]
    rows += [("RoleDetailList", role) for role in found["roles"]]
    policies = sorted(found["managed_policies"], key=lambda policy: str(policy.arn))
    rows += [("Policies", p) for p in policies if not _unattached_of_aws(p, account.id)]
    size = min(int(asked.text("MaxItems") or _DEFAULT_PAGE), _LARGEST_PAGE)
    name = f"gaad {account.id} {sorted(wanted)}"
    start = pages.offset(asked.marker, name, bad_marker())
    page, following = pages.cut(rows, start, size, name)
    reply: dict[str, Any] = {
        kind: [write(row) for listed, row in page if listed == kind]
        for kind, write in _DETAIL_LISTS.items()
    }
    reply["IsTruncated"] = following is not None
    if following:
        reply["Marker"] = following
    return reply


def _unattached_of_aws(policy: Any, account: str) -> bool:
    if ":iam::aws:policy" not in policy.arn or policy.attachment_count:
        return False
    holders = [*iam(account).roles.values(), *iam(account).users.values()]
    # moto gives users no such field; the seed does.
    return all(getattr(h, "permissions_boundary_arn", None) != policy.arn for h in holders)


def service_specific_credentials(
    asked: Asked, account: Account, now: datetime, *, by_user: str | None
) -> dict[str, Any]:
    """Answer ListServiceSpecificCredentials, for one user or with AllUsers for all."""
    all_users = asked.text("AllUsers") == "true"
    name = asked.text("UserName") or (None if all_users else by_user)
    service = asked.text("ServiceName")
    rows = [
        {
            "UserName": user.name,
            "Status": credential.status,
            "ServiceUserName": f"{user.name}-at-{account.id}",
            "CreateDate": now - timedelta(days=credential.age),
            "ServiceSpecificCredentialId": stable_id("ACCA", account.id, user.name, str(number)),
            "ServiceName": credential.service,
        }
        | (
            {}
            if credential.expires is None
            else {"ExpirationDate": now + timedelta(days=credential.expires)}
        )
        for user in account.users
        if user.name in iam(account.id).users and name in (None, user.name)
        for number, credential in enumerate(user.service_credentials)
        if service in (None, credential.service)
    ]
    size = min(int(asked.text("MaxItems") or _DEFAULT_PAGE), _LARGEST_PAGE)
    listing = f"ssc {account.id} {name} {service}"
    page, following = pages.cut(
        rows, pages.offset(asked.marker, listing, bad_marker()), size, listing
    )
    reply: dict[str, Any] = {
        "ServiceSpecificCredentials": list(page),
        "IsTruncated": following is not None,
    }
    return reply | ({"Marker": following} if following else {})


def account_summary(account: Account) -> dict[str, Any]:
    """Answer GetAccountSummary, with the root user's facts that moto has no place for."""
    summary = dict(iam(account.id).get_account_summary().summary_map)
    summary["AccountAccessKeysPresent"] = int(account.root.key is not None)
    summary["AccountMFAEnabled"] = int(account.root.mfa)
    return {"SummaryMap": summary}
