"""Reads an organization: its accounts, where each stands in the tree, and what binds each."""

from itertools import pairwise
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Ledger, Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.lists import Listing, read_pages

ACCOUNTS = "organizations.accounts"
POLICIES = "organizations.policies"
NOT_IN_USE = "AWSOrganizationsNotInUseException"
_SCP = "SERVICE_CONTROL_POLICY"


class Member(Struct, frozen=True, kw_only=True):
    """One account as the organization lists it; `state` is AWS's own word."""

    id: str
    arn: str
    name: str
    state: str


class Organization(Struct, frozen=True, kw_only=True):
    """What was read. `parents` maps accounts and units to the unit or root above each.

    `scps` maps units and accounts to the texts of policies attached there; null: not read;
    `restricted` false: the organization uses no service control policies.
    """

    id: str
    payer: str
    members: dict[str, Member]
    parents: dict[str, str]
    scps: dict[str, list[str]] | None
    restricted: bool

    def ancestors(self, account: str) -> list[str] | None:
        """List the units above an account, nearest first, the root last; null if not known."""
        found: list[str] = []
        at = account
        while at in self.parents and len(found) < 20:
            at = self.parents[at]
            found.append(at)
        return found if found and found[-1].startswith("r-") else None

    def levels(self, account: str) -> list[list[str]] | None:
        """List the service control policies that bind an account, level by level, root first.

        Empty for the management account, which none binds (Organizations User Guide, SCPs).
        """
        if account == self.payer or not self.restricted:
            return []
        above = self.ancestors(account)
        if self.scps is None or above is None:
            return None
        return [self.scps.get(one, []) for one in (*reversed(above), account)]


def read_organization(access: Access, ledger: Ledger) -> Organization | None:
    """Read the organization; null if the account is in none, or if it may not be read at all."""
    reading = ledger.open(ACCOUNTS)
    try:
        described = access.call(reading, "organizations", "DescribeOrganization")["Organization"]
    except Fault as fault:
        if fault.code == NOT_IN_USE:
            reading.note("the account is in no organization")
            ledger.open(POLICIES).note("the account is in no organization")
            return None
        reading.failed(fault)
        ledger.open(POLICIES).failed(fault)
        return None
    members = _members(access, reading)
    roots, parents = _tree(access, reading, members)
    restricted, scps = _policies(access, ledger.open(POLICIES), roots)
    return Organization(
        id=described["Id"],
        payer=described.get("MasterAccountId") or described.get("ManagementAccountId", ""),
        members={one.id: one for one, _ in members.values()},
        parents=parents,
        scps=scps,
        restricted=restricted,
    )


def _members(access: Access, reading: Reading) -> dict[str, tuple[Member, list[str]]]:
    found: dict[str, tuple[Member, list[str]]] = {}

    def take(page: dict[str, Any]) -> None:
        for raw in page["Accounts"]:
            state = raw.get("State") or raw.get("Status") or "UNKNOWN"
            one = Member(
                id=raw["Id"], arn=raw.get("Arn", ""), name=raw.get("Name", raw["Id"]), state=state
            )
            found[one.id] = (one, raw.get("Paths") or [])

    read_pages(access, reading, _listing("ListAccounts"), take, found.clear)
    return found


def _tree(
    access: Access, reading: Reading, members: dict[str, tuple[Member, list[str]]]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Find each account's place: by the paths that ListAccounts gives, else by walking the tree."""
    roots: list[dict[str, Any]] = []
    read_pages(
        access,
        reading,
        _listing("ListRoots"),
        lambda page: roots.extend(page["Roots"]),
        roots.clear,
    )
    parents: dict[str, str] = {}
    if members and all(paths for _, paths in members.values()):
        for account, (_, paths) in members.items():
            _follow(paths[0], account, parents)
        return roots, parents
    waiting = [root["Id"] for root in roots]
    while waiting and reading.complete:
        unit = waiting.pop()
        for name, member in (
            ("ListAccountsForParent", "Accounts"),
            ("ListOrganizationalUnitsForParent", "OrganizationalUnits"),
        ):
            children: list[str] = []
            _children(access, reading, name, member, unit, children)
            parents.update(dict.fromkeys(children, unit))
            if member != "Accounts":
                waiting += children
    return roots, parents


def _children(
    access: Access, reading: Reading, name: str, member: str, unit: str, found: list[str]
) -> None:
    def take(page: dict[str, Any]) -> None:
        found.extend(one["Id"] for one in page[member])

    read_pages(access, reading, _listing(name, ParentId=unit), take, found.clear)


def _follow(path: str, account: str, parents: dict[str, str]) -> None:
    """Read a path like `o-…/r-…/ou-…/111122223333/`."""
    steps = [step for step in path.split("/") if step and not step.startswith("o-")]
    if steps and steps[-1] != account:
        steps.append(account)
    for upper, lower in pairwise(steps):
        parents[lower] = upper


def _policies(
    access: Access, reading: Reading, roots: list[dict[str, Any]]
) -> tuple[bool, dict[str, list[str]] | None]:
    kinds = {
        kind.get("Type"): kind.get("Status")
        for root in roots
        for kind in root.get("PolicyTypes", ())
    }
    if roots and kinds.get(_SCP) != "ENABLED":
        reading.note("service control policies are not switched on")
        return False, None
    ids: list[str] = []
    read_pages(
        access,
        reading,
        _listing("ListPolicies", Filter=_SCP),
        lambda page: ids.extend(one["Id"] for one in page["Policies"]),
        ids.clear,
    )
    attached: dict[str, list[str]] = {}
    for policy in sorted(set(ids)) if reading.complete else ():
        try:
            _attach(access, reading, policy, attached)
        except Fault as fault:
            reading.mark(fault.state, fault.reason)  # a part of the policies is worth nothing
        if not reading.complete:
            break
    return True, attached if reading.complete else None


def _attach(access: Access, reading: Reading, policy: str, attached: dict[str, list[str]]) -> None:
    text = access.call(reading, "organizations", "DescribePolicy", PolicyId=policy)["Policy"][
        "Content"
    ]
    targets: list[str] = []
    read_pages(
        access,
        reading,
        _listing("ListTargetsForPolicy", PolicyId=policy),
        lambda page: targets.extend(one["TargetId"] for one in page["Targets"]),
        targets.clear,
    )
    for target in sorted(set(targets)):
        attached.setdefault(target, []).append(text)


def _listing(name: str, **params: Any) -> Listing:
    return Listing(service="organizations", name=name, params=params)
