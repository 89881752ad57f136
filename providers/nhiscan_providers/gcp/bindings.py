"""Finds in all bindings who holds what where, and where each member that is a machine lives."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from msgspec import Struct

from nhiscan_providers.gcp.facts import Binding, Facts, ServiceAccount
from nhiscan_providers.gcp.reading.members import Member, own, read_member
from nhiscan_providers.gcp.reading.roles import Role, read_role

_HOME = "*"
_SETS = "principalSet://cloudresourcemanager.googleapis.com/"


class Held(Struct, frozen=True):
    """One role in one binding."""

    binding: Binding
    role: Role


def only_accounts(held: Iterable[Held]) -> bool:
    """Tell whether all of this is on accounts: who may only act as them is no identity itself."""
    return all(one.binding.scope.level == "account" for one in held)


class Index:
    """All bindings of one survey, by member, by service account and by place.

    A place is a project (`projects/ID`), folder or organization as a resource name. `unread` are
    projects that no unit reads, being no client's or not asked for: whoever lives there would be
    told of nowhere, and is a guest wherever it is bound.
    """

    def __init__(self, facts: Facts, unread: Collection[str] = ()) -> None:
        self._facts = facts
        self._unread = frozenset(unread)
        self.of_member: dict[str, list[Held]] = defaultdict(list)
        self.on_account: dict[str, list[Held]] = defaultdict(list)
        self.on_place: dict[str, list[Held]] = defaultdict(list)
        self.of_pool: dict[tuple[str, str], list[Held]] = defaultdict(list)
        self.deleted: list[Member] = []
        self._rows: dict[str, frozenset[str]] = {}
        self._roles: dict[str, Role] = {}
        for binding in dict.fromkeys(facts.bindings):  # lists repeat some over pages
            self._add(binding)
        self.homes: dict[str, list[Member]] = defaultdict(list)
        self.guests: dict[str, list[Member]] = defaultdict(list)
        for text in sorted(self.of_member):
            self._place(self.member(text))

    def member(self, text: str) -> Member:
        """Read a member with what is known of this client's projects."""
        member = read_member(text)
        listed = self._facts.account(member.address) is not None and text[:8] != "deleted:"
        theirs = member.kind == "service_agent" and self._facts.project(member.domain) is not None
        return own(member) if theirs or (listed and member.kind == "service_agent") else member

    def is_guest(self, member: Member) -> bool:
        """Tell whether a machine's home is read by no unit of this entry."""
        listed = self._facts.account(member.address)
        project = listed.project if listed else self._facts.project(member.project)
        if project is None and f"organizations/{member.organization}" in self._organizations():
            return False
        return project is None or project in self._unread

    def has_row(self, member: Member, held: Held) -> bool:
        """Tell whether a machine has a row that shows this right: at home, or as a guest there."""
        places = self._rows.get(member.text, frozenset())
        return _HOME in places or held.binding.scope.place in places

    def grants(self, account: ServiceAccount) -> list[Held]:
        """List what a service account holds, by its own name or as one of a set."""
        found = list(self.of_member.get(f"serviceAccount:{account.email}", ()))
        number = self._facts.number_of.get(account.project, "")
        for place in (f"projects/{number}", *self._facts.above.get(account.project, ())):
            found += self.of_member.get(f"{_SETS}{place}/type/ServiceAccount", ())
        return found

    def inherited(self, project: str) -> list[Held]:
        """List roles on a project and all above it that let one act as accounts in it."""
        return [
            held
            for place in self._facts.line(f"projects/{project}")
            for held in self.on_place.get(place, ())
            if held.role.becomes
        ]

    def direct(self, account: ServiceAccount) -> list[Held]:
        """List roles on a service account itself that let one act as it."""
        return [
            held
            for name in (account.email, account.unique_id)
            for held in self.on_account.get(name, ())
            if held.role.becomes
        ]

    def _add(self, binding: Binding) -> None:
        role = self._roles.get(binding.role)
        if role is None:
            role = self._roles[binding.role] = read_role(binding.role, self._facts.roles)
        held = Held(binding, role)
        for text in binding.members:
            self.of_member[text].append(held)
        if binding.scope.level == "account":
            self.on_account[binding.scope.id].append(held)
        elif binding.scope.level != "resource":
            self.on_place[binding.scope.place].append(held)

    def _place(self, member: Member) -> None:
        """Enter a machine where it lives, or where it is a guest: bound, but of nowhere here."""
        if member.kind == "deleted":
            self.deleted.append(member)
        listed = self._facts.account(member.address)
        project = listed.project if listed else self._facts.project(member.project)
        unread = project in self._unread
        held = self.of_member[member.text]
        if member.kind == "federated":
            self.of_pool[project or member.project or "", member.pool or ""] += held
        if not member.is_machine:
            return
        if listed and not unread:
            self._rows[member.text] = frozenset({_HOME})
            return
        organization = f"organizations/{member.organization}"
        ours = member.kind == "service_agent" and organization in self._organizations()
        if ours or (project and not unread):
            self.homes[f"projects/{project}" if project and not unread else organization].append(
                member
            )
            outward = member.kind == "federated" and only_accounts(held)
            self._rows[member.text] = frozenset() if outward else frozenset({_HOME})
            return
        places = {one.binding.scope.place for one in held if one.binding.scope.level != "account"}
        self._rows[member.text] = frozenset(places)
        for place in sorted(places):
            self.guests[place].append(member)

    def _organizations(self) -> set[str]:
        return {line[-1] for line in self._facts.above.values() if line}
