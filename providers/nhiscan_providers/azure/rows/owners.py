"""Who answers for applications: owners, sponsors and their managers, as claims."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from nhiscan.records import Claim
from nhiscan_providers.azure.directory import Directory, is_user
from nhiscan_providers.azure.shapes.graph import Owner, Person
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import applications, people, principals

OWNER, SPONSOR, MANAGER = "S4", "S5", "S6"
# Owners of owners are asked no further: a chain of machines names nobody.
_GUEST = re.compile(r"(.+)#ext#@.+", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")


class Named(Struct, frozen=True):
    """A party as the directory names it; `note` says what is odd about it."""

    reference: str
    by_machine: bool | None = None
    departed: bool | None = None
    note: str = ""


class People:
    """Names the accounts of one directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def name(self, one: Owner) -> Named:
        """Name an owner: a user by address, a group by name, a machine by its name."""
        if low(one.odata_type) == "#microsoft.graph.group":
            return Named(one.mail or one.display_name or one.id, note="a group")
        if not is_user(one):
            return Named(one.display_name or one.id, by_machine=True, note="a machine")
        return self.user(one.id, one)

    def user(self, id_: str, told: Owner | Person | None = None) -> Named:
        """Name a user by id, as the directory knows the account now."""
        id_ = low(id_)
        known = self._directory.people.accounts.get(id_)
        account = known or told
        if id_ in self._directory.people.deleted:
            return Named(address(told) or id_, departed=True, note="the account was deleted")
        if account is None:
            return Named(id_, note="the account could not be looked up")
        reference = address(account) or (told.display_name if told else None) or id_
        if account.account_enabled is False:
            return Named(reference, departed=True, note="the account is disabled")
        guest = low(account.user_type) == "guest"
        return Named(reference, note="a guest of the directory" if guest else "")

    def manager(self, id_: str) -> Named | None:
        """Name a user's manager; null if the directory knows none."""
        account = self._directory.people.accounts.get(low(id_))
        manager = account.manager if account else None
        text = address(manager) if manager else None
        return Named(text) if text else None


def address(one: Owner | Person | None) -> str | None:
    """Return an account's address; a guest's own one, not the name it has here."""
    if one is None:
        return None
    name = one.user_principal_name or ""
    guest = _GUEST.fullmatch(name)
    if guest and not one.mail:
        user, _, domain = guest.group(1).rpartition("_")
        return f"{user}@{domain}" if user else name
    return one.mail or name or one.display_name


def addresses(text: str | None) -> list[str]:
    """Find the addresses in a free text, of which nothing else is kept."""
    return list(dict.fromkeys(_ADDRESS.findall((text or "")[:10_000])))


def owner_claims(directory: Directory, people_: People) -> Iterator[Claim]:
    """Claim both objects of an application for the owners of either list; both can add secrets."""
    for app_id, some in directory.owners.applications.items():
        application = directory.applications.get(app_id)
        principal = directory.principal_of(application.app_id) if application else None
        subjects = [app_id, low(principal.id)] if principal else [app_id]
        yield from _claims(
            directory, people_, subjects, some, "the app registration", applications.OWNERS
        )
    by_app = {low(one.app_id): key for key, one in directory.applications.items()}
    for id_, some in directory.owners.principals.items():
        principal = directory.principals.get(id_)
        own = by_app.get(low(principal.app_id)) if principal else None
        subjects = [id_, own] if own else [id_]
        yield from _claims(
            directory, people_, subjects, some, "the service principal", principals.OWNERS
        )


def sponsor_claims(directory: Directory, people_: People) -> Iterator[Claim]:
    """Claim agents for their sponsors; a blueprint's sponsors answer for agents without any."""
    sponsors = directory.owners.sponsors
    by_blueprint = {low(one.app_id): key for key, one in directory.applications.items()}
    for id_, one in directory.principals.items():
        own = sponsors.get(id_, [])
        blueprint = by_blueprint.get(low(one.agent_identity_blueprint_id))
        inherited = sponsors.get(blueprint, []) if blueprint and not own else []
        if own or inherited:
            what = "sponsor of the agent" if own else "sponsor of the agent's blueprint"
            yield from _each(people_, [id_], own or inherited, SPONSOR, what, principals.AGENTS)
    for id_ in directory.applications.keys() & sponsors.keys():
        what = "sponsor of the blueprint"
        yield from _each(people_, [id_], sponsors[id_], SPONSOR, what, principals.AGENTS)


def _claims(
    directory: Directory,
    people_: People,
    subjects: Iterable[str],
    owners: Iterable[Owner],
    what: str,
    source: str,
) -> Iterator[Claim]:
    subjects = list(subjects)
    owners = list(owners)
    yield from _each(people_, subjects, owners, OWNER, f"owner of {what}", source)
    for owner in owners:
        if is_user(owner) or low(owner.odata_type) == "#microsoft.graph.group":
            continue
        name = owner.display_name or owner.id
        behind = f"owner of {name[:80]}, a service principal that owns {what}"
        followed = [one for one in _owners_of(directory, low(owner.id)) if is_user(one)]
        yield from _each(people_, subjects, followed, OWNER, behind, source)


def _owners_of(directory: Directory, principal: str) -> list[Owner]:
    """Follow a service principal one hop: its own owners and those of its registration."""
    one = directory.principals.get(principal)
    found = list(directory.owners.principals.get(principal, ()))
    for key, application in directory.applications.items():
        if one is not None and low(application.app_id) == low(one.app_id):
            found += directory.owners.applications.get(key, ())
    return found


def _each(
    people_: People,
    subjects: Iterable[str],
    owners: Iterable[Owner],
    signal: str,
    what: str,
    source: str,
) -> Iterator[Claim]:
    owners = list(owners)
    for subject in subjects:
        for owner in owners:
            named = people_.name(owner)
            yield Claim(
                subject="identity",
                key=subject,
                reference=named.reference,
                signal=signal,
                role="accountable",
                by_machine=named.by_machine,
                departed=named.departed,
                evidence=f"{what}: {named.note}" if named.note else what,
                source=source,
            )
            manager = people_.manager(owner.id) if is_user(owner) else None
            if manager is not None:
                yield Claim(
                    subject="identity",
                    key=subject,
                    reference=manager.reference,
                    signal=MANAGER,
                    role="backup",
                    evidence=f"manager of {named.reference[:80]}, {what}",
                    source=people.PEOPLE,
                )


def unique(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Merge claims that say the same of one party: who is in both lists is told of both."""
    merged: dict[tuple[str, ...], Claim] = {}
    for one in claims:
        key = (one.subject, one.key, one.signal, one.role, one.reference)
        known = merged.get(key)
        if known is None:
            merged[key] = one
        elif one.evidence not in known.evidence.split("; "):
            merged[key] = replace(known, evidence=f"{known.evidence}; {one.evidence}")
    yield from merged.values()
