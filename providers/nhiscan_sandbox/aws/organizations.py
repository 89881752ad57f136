"""Organizations: the tree, its control policies and its paging, answered from the estate."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from nhiscan_sandbox.aws import pages
from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.estate.model import Account, ControlPolicy, Estate, Organization

_PAGE = 20
# Status is the older field; AWS keeps only these three in it.
_STATUS = {"PENDING_CLOSURE": "PENDING_CLOSURE", "SUSPENDED": "SUSPENDED", "CLOSED": "SUSPENDED"}
_FULL_ACCESS = ControlPolicy(
    id="p-FullAWSAccess",
    name="FullAWSAccess",
    statements=[{"Effect": "Allow", "Action": "*", "Resource": "*"}],
)


def bad_marker() -> Refusal:
    """Make the refusal of a token that expired or was never given out."""
    return Refusal(400, "InvalidInputException", "You provided an invalid NextToken.")


class Organizations:
    """Answers the reading calls for whichever account asks."""

    def __init__(self, estate: Estate, now: datetime) -> None:
        self._now = now
        self._accounts = {account.id: account for account in estate.accounts}
        self._by_account: dict[str, Organization] = {}
        self._members: dict[str, list[Account]] = {}
        for org in estate.organizations:
            spots = {org.root, *(unit.id for unit in org.units)}
            members = [a for a in estate.accounts if a.id == org.payer or a.parent in spots]
            self._members[org.id] = members
            self._by_account |= {account.id: org for account in members}

    def answer(self, asked: Asked, account: str) -> dict[str, Any] | None:
        """Answer a call, or return null when it is not one of those that scans make.

        Refused as AWS does: an account outside any organization, and a member (only the management
        account and delegated administrators may list; a member may describe the organization).
        """
        org = self._by_account.get(account)
        if org is None:
            raise Refusal(
                400,
                "AWSOrganizationsNotInUseException",
                "Your account is not a member of an organization.",
            )
        if asked.operation == "DescribeOrganization":
            return self._describe(org)
        if account != org.payer and account not in org.delegated:
            raise Refusal(
                400,
                "AccessDeniedException",
                "You don't have permissions to access this resource.",
            )
        handler = self._handlers().get(asked.operation)
        return handler(asked, org) if handler else None

    def _handlers(self) -> dict[str, Callable[[Asked, Organization], dict[str, Any]]]:
        return {
            "ListRoots": self._roots,
            "ListAccounts": self._list_accounts,
            "DescribeAccount": self._describe_account,
            "ListOrganizationalUnitsForParent": self._units_for_parent,
            "ListAccountsForParent": self._accounts_for_parent,
            "ListParents": self._parents,
            "ListPolicies": self._policies,
            "DescribePolicy": self._policy,
            "ListTargetsForPolicy": self._targets,
            "ListPoliciesForTarget": self._policies_for_target,
            "ListTagsForResource": self._tags,
            "ListDelegatedAdministrators": self._delegated,
            "ListDelegatedServicesForAccount": self._delegated_services,
            "ListAWSServiceAccessForOrganization": self._service_access,
        }

    def _describe(self, org: Organization) -> dict[str, Any]:
        payer = self._accounts[org.payer]
        return {
            "Organization": {
                "Id": org.id,
                "Arn": f"arn:aws:organizations::{org.payer}:organization/{org.id}",
                "FeatureSet": "ALL",
                "MasterAccountArn": _account_arn(org, org.payer),
                "MasterAccountId": org.payer,
                "MasterAccountEmail": payer.email,
            }
        }

    def _row(self, org: Organization, account: Account) -> dict[str, Any]:
        joined = self._now - timedelta(days=account.age)
        return {
            "Id": account.id,
            "Arn": _account_arn(org, account.id),
            "Email": account.email,
            "Name": account.name,
            "Status": _STATUS.get(account.state, "ACTIVE"),
            "State": account.state,
            "Paths": [f"{org.id}/{'/'.join(_path(org, account.parent))}/{account.id}/"],
            "JoinedMethod": "INVITED" if account.id == org.payer else "CREATED",
            "JoinedTimestamp": joined,
        }

    def _list_accounts(self, asked: Asked, org: Organization) -> dict[str, Any]:
        """Answer ListAccounts; the first page of a long list is empty and still has a token."""
        members = self._members[org.id]
        if len(members) > 1 and asked.marker is None:
            return {"Accounts": [], "NextToken": pages.marker(0, f"accounts {org.id}")}
        rows = [self._row(org, account) for account in members]
        return _page(asked, "Accounts", rows, f"accounts {org.id}")

    def _describe_account(self, asked: Asked, org: Organization) -> dict[str, Any]:
        account = next((a for a in self._members[org.id] if a.id == asked.text("AccountId")), None)
        if account is None:
            raise Refusal(400, "AccountNotFoundException", "We can't find that account.")
        return {"Account": self._row(org, account)}

    def _roots(self, _: Asked, org: Organization) -> dict[str, Any]:
        arn = f"arn:aws:organizations::{org.payer}:root/{org.id}/{org.root}"
        enabled = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
        return {"Roots": [{"Id": org.root, "Arn": arn, "Name": "Root", "PolicyTypes": enabled}]}

    def _units_for_parent(self, asked: Asked, org: Organization) -> dict[str, Any]:
        parent = asked.text("ParentId")
        rows = [
            {
                "Id": unit.id,
                "Arn": f"arn:aws:organizations::{org.payer}:ou/{org.id}/{unit.id}",
                "Name": unit.name,
            }
            for unit in org.units
            if (unit.parent or org.root) == parent
        ]
        return _page(asked, "OrganizationalUnits", rows, f"units {parent}")

    def _accounts_for_parent(self, asked: Asked, org: Organization) -> dict[str, Any]:
        parent = asked.text("ParentId")
        rows = [
            self._row(org, a) for a in self._members[org.id] if (a.parent or org.root) == parent
        ]
        return _page(asked, "Accounts", rows, f"accounts-for {parent}")

    def _parents(self, asked: Asked, org: Organization) -> dict[str, Any]:
        child = asked.text("ChildId")
        spots = {unit.id: unit.parent for unit in org.units}
        spots |= {account.id: account.parent for account in self._members[org.id]}
        parent = spots.get(child or "") or org.root
        kind = "ROOT" if parent == org.root else "ORGANIZATIONAL_UNIT"
        return {"Parents": [{"Id": parent, "Type": kind}]}

    def _policies(self, asked: Asked, org: Organization) -> dict[str, Any]:
        kind = asked.text("Filter")
        policies = _all_policies(org) if kind == "SERVICE_CONTROL_POLICY" else []
        return _page(asked, "Policies", [_summary(org, p) for p in policies], f"scp {org.id}{kind}")

    def _policy(self, asked: Asked, org: Organization) -> dict[str, Any]:
        found = next((p for p in _all_policies(org) if p.id == asked.text("PolicyId")), None)
        if found is None:
            raise Refusal(400, "PolicyNotFoundException", "We can't find that policy.")
        content = json.dumps({"Version": "2012-10-17", "Statement": found.statements})
        return {"Policy": {"PolicySummary": _summary(org, found), "Content": content}}

    def _targets(self, asked: Asked, org: Organization) -> dict[str, Any]:
        policy = asked.text("PolicyId")
        wanted = next((p for p in _all_policies(org) if p.id == policy), None)
        full = wanted is _FULL_ACCESS
        rows = [
            {"TargetId": i, "Arn": arn, "Name": name, "Type": kind}
            for i, arn, name, kind in self._spots(org)
            if full or (wanted is not None and i in wanted.targets)
        ]
        return _page(asked, "Targets", rows, f"targets {org.id} {policy}")

    def _policies_for_target(self, asked: Asked, org: Organization) -> dict[str, Any]:
        place = asked.text("TargetId")
        rows = [
            _summary(org, policy)
            for policy in _all_policies(org)
            if policy is _FULL_ACCESS or place in policy.targets
        ]
        return _page(asked, "Policies", rows, f"policies-for {place}")

    def _spots(self, org: Organization) -> list[tuple[str, str, str, str]]:
        prefix = f"arn:aws:organizations::{org.payer}"
        spots = [(org.root, f"{prefix}:root/{org.id}/{org.root}", "Root", "ROOT")]
        spots += [
            (u.id, f"{prefix}:ou/{org.id}/{u.id}", u.name, "ORGANIZATIONAL_UNIT") for u in org.units
        ]
        members = self._members[org.id]
        return spots + [(a.id, _account_arn(org, a.id), a.name, "ACCOUNT") for a in members]

    def _tags(self, asked: Asked, org: Organization) -> dict[str, Any]:
        found = next((a for a in self._members[org.id] if a.id == asked.text("ResourceId")), None)
        tags = found.tags if found else {}
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _delegated(self, asked: Asked, org: Organization) -> dict[str, Any]:
        rows = [
            self._row(org, self._accounts[account])
            | {"DelegationEnabledDate": self._now - timedelta(days=100)}
            for account in org.delegated
        ]
        return _page(asked, "DelegatedAdministrators", rows, f"delegated {org.id}")

    def _delegated_services(self, asked: Asked, org: Organization) -> dict[str, Any]:
        services = org.delegated.get(asked.text("AccountId") or "", ())
        rows = [
            {"ServicePrincipal": s, "DelegationEnabledDate": self._now - timedelta(days=100)}
            for s in services
        ]
        return _page(asked, "DelegatedServices", rows, f"services {asked.text('AccountId')}")

    def _service_access(self, asked: Asked, org: Organization) -> dict[str, Any]:
        return _page(asked, "EnabledServicePrincipals", [], f"service-access {org.id}")


def _page(asked: Asked, key: str, rows: Sequence[Any], of: str) -> dict[str, Any]:
    size = min(int(asked.params.get("MaxResults") or _PAGE), _PAGE)
    page, following = pages.cut(rows, pages.offset(asked.marker, of, bad_marker()), size, of)
    return {key: list(page)} | ({"NextToken": following} if following else {})


def _all_policies(org: Organization) -> list[ControlPolicy]:
    return [_FULL_ACCESS, *org.policies]


def _summary(org: Organization, policy: ControlPolicy) -> dict[str, Any]:
    owner = "aws" if policy is _FULL_ACCESS else f"{org.payer}:policy/{org.id}"
    return {
        "Id": policy.id,
        "Arn": f"arn:aws:organizations::{owner}/service_control_policy/{policy.id}",
        "Name": policy.name,
        "Description": "",
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": policy is _FULL_ACCESS,
    }


def _account_arn(org: Organization, account: str) -> str:
    return f"arn:aws:organizations::{org.payer}:account/{org.id}/{account}"


def _path(org: Organization, parent: str | None) -> list[str]:
    parents = {unit.id: unit.parent for unit in org.units}
    path: list[str] = []
    while parent and parent != org.root:
        path.insert(0, parent)
        parent = parents.get(parent)
    return [org.root, *path]
