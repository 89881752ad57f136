"""Reads users, roles, groups and policies in bulk: GetAccountAuthorizationDetails."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.lists import iam, read_pages
from nhiscan_providers.aws.moments import moment
from nhiscan_providers.aws.reading.capabilities import Policy
from nhiscan_providers.aws.reading.documents import Document, parse, unread

SOURCE = "iam.authorization_details"
_FILTER = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]


class Principal(Struct, frozen=True, kw_only=True, gc=False):
    """What a user and a role have in common; `inline` are (name, document) pairs."""

    id: str
    arn: str
    name: str
    path: str
    created: datetime | None
    tags: dict[str, str]
    inline: tuple[tuple[str, Document], ...]
    attached: tuple[tuple[str, str], ...]
    boundary: str | None


class User(Principal, frozen=True, kw_only=True, gc=False):
    """An IAM user with the names of its groups."""

    groups: tuple[str, ...]


class Role(Principal, frozen=True, kw_only=True, gc=False):
    """An IAM role; `trust` is the text of its trust policy as sent."""

    trust: str | None
    last_used: datetime | None
    last_region: str | None
    instance_profiles: int


class Group(Struct, frozen=True, gc=False):
    """A group's own policies."""

    inline: tuple[tuple[str, Document], ...]
    attached: tuple[tuple[str, str], ...]


class Details:
    """Everything of one account that was read so far, by name or ARN."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.roles: dict[str, Role] = {}
        self.groups: dict[str, Group] = {}
        self.policies: dict[str, Document] = {}
        self.whole = False
        self._documents: dict[str, Document] = {}

    def clear(self) -> None:
        """Forget all but the documents, which mean the same on every page."""
        for found in (self.users, self.roles, self.groups, self.policies):
            found.clear()

    def take(self, page: dict[str, Any]) -> None:
        """Keep the listed fields of one page; a page may hold any mixture of the four kinds."""
        for raw in page.get("Policies", ()):
            self.policies[raw["Arn"]] = self._default(raw)
        for raw in page.get("GroupDetailList", ()):
            inline, attached = self._inline(raw.get("GroupPolicyList", ())), _attached(raw)
            self.groups[raw["GroupName"]] = Group(inline, attached)
        for raw in page.get("UserDetailList", ()):
            self.users[raw["UserName"]] = self._user(raw)
        for raw in page.get("RoleDetailList", ()):
            self.roles[raw["RoleName"]] = self._role(raw)

    def ready(self, principal: Principal) -> bool:
        """Tell whether a principal can be judged: all was read, or all that its powers rest on.

        What a whole list leaves out (a policy made and attached while it was read) is unknown, and
        so is the power of who holds it; what stands on an unread page may not be told at all.
        """
        return self.whole or self._seen(principal)

    def _seen(self, principal: Principal) -> bool:
        groups = principal.groups if isinstance(principal, User) else ()
        arns = [arn for _, arn in principal.attached]
        for name in groups:
            if name not in self.groups:
                return False
            arns += [arn for _, arn in self.groups[name].attached]
        if principal.boundary:
            arns.append(principal.boundary)
        return all(arn in self.policies for arn in arns)

    def policies_of(self, principal: Principal) -> list[Policy]:
        """Resolve a principal's policies, its groups' included."""
        found = self._resolved(principal.inline, principal.attached, "inline", "attached")
        for name in principal.groups if isinstance(principal, User) else ():
            via = f"group:{name}"
            group = self.groups.get(name)
            if group is None:
                found.append(Policy("?", via, unread("the group was not listed")))
            else:
                found += self._resolved(group.inline, group.attached, via, via)
        return found

    def boundary_of(self, principal: Principal) -> Document | None:
        """Resolve a principal's permissions boundary; null if it has none."""
        return self._managed(principal.boundary) if principal.boundary else None

    def _resolved(
        self,
        inline: Iterable[tuple[str, Document]],
        attached: Iterable[tuple[str, str]],
        via_inline: str,
        via_attached: str,
    ) -> list[Policy]:
        return [
            *(Policy(name, via_inline, document) for name, document in inline),
            *(Policy(name, via_attached, self._managed(arn)) for name, arn in attached),
        ]

    def _managed(self, arn: str) -> Document:
        return self.policies.get(arn) or unread("the policy was not listed")

    def _user(self, raw: dict[str, Any]) -> User:
        return User(
            **self._common(raw, "User"),
            inline=self._inline(raw.get("UserPolicyList", ())),
            groups=tuple(raw.get("GroupList", ())),
        )

    def _role(self, raw: dict[str, Any]) -> Role:
        used = raw.get("RoleLastUsed") or {}
        return Role(
            **self._common(raw, "Role"),
            inline=self._inline(raw.get("RolePolicyList", ())),
            trust=raw.get("AssumeRolePolicyDocument"),
            last_used=moment(used.get("LastUsedDate")),
            last_region=used.get("Region"),
            instance_profiles=len(raw.get("InstanceProfileList", ())),
        )

    def _common(self, raw: dict[str, Any], kind: str) -> dict[str, Any]:
        return {
            "id": raw[f"{kind}Id"],
            "arn": raw["Arn"],
            "name": raw[f"{kind}Name"],
            "path": raw.get("Path", "/"),
            "created": moment(raw.get("CreateDate")),
            "tags": tags(raw.get("Tags")),
            "attached": _attached(raw),
            "boundary": (raw.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        }

    def _default(self, raw: dict[str, Any]) -> Document:
        for version in raw.get("PolicyVersionList", ()):
            if version.get("IsDefaultVersion"):
                return self._document(version.get("Document"))
        return unread("its default version was not listed")

    def _inline(self, raws: Iterable[dict[str, Any]]) -> tuple[tuple[str, Document], ...]:
        return tuple((one["PolicyName"], self._document(one.get("PolicyDocument"))) for one in raws)

    def _document(self, text: str | None) -> Document:
        if text is None:
            return unread("the document was not sent")
        known = self._documents.get(text)
        if known is None:
            known = self._documents[text] = parse(text)
        return known


def read_details(access: Access, reading: Reading) -> Details:
    """Read the whole account; `whole` of the result says whether the list came to its end."""
    details = Details()
    listing = iam("GetAccountAuthorizationDetails", Filter=_FILTER)
    read_pages(access, reading, listing, details.take, details.clear)
    details.whole = reading.complete
    return details


def tags(raw: Iterable[dict[str, str]] | None) -> dict[str, str]:
    """Read a list of tags, sorted by key so that equal tags are equal rows."""
    return {one["Key"]: one.get("Value", "") for one in sorted(raw or (), key=lambda t: t["Key"])}


def _attached(raw: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.get("PolicyName", one["PolicyArn"]), one["PolicyArn"])
        for one in raw.get("AttachedManagedPolicies", ())
    )
