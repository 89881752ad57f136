"""All that was read of one directory through Graph, source by source, before anything is judged."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from nhiscan.ledger import Ledger, Reading
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.gaps import admit_gaps
from nhiscan_providers.azure.reading.origins import origin
from nhiscan_providers.azure.reading.permissions import KNOWN_RESOURCES
from nhiscan_providers.azure.shapes.graph import (
    AccessAssignment,
    Application,
    Assignment,
    Audited,
    Consent,
    CredentialSignIn,
    DirectoryAssignment,
    DirectoryRole,
    Federated,
    Organization,
    Owner,
    Partner,
    Person,
    Principal,
    Relationship,
    Request,
    SignIn,
)
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import (
    activity,
    applications,
    partners,
    people,
    permissions,
    principals,
    resources,
    roles,
)

_APPLICATION = "#microsoft.graph.agentidentityblueprint"
_AGENT = "#microsoft.graph.agentidentity"


class Held(Struct, frozen=True):
    """Who holds what: permissions and directory roles, each by its own source.

    `members` are the service principals in groups that hold roles here or in Azure.
    """

    resources: Mapping[str, permissions.Resource]
    assigned: Mapping[str, list[Assignment]]
    consents: list[Consent]
    roles: Mapping[str, DirectoryRole]
    role_assignments: list[DirectoryAssignment]
    eligible: list[DirectoryAssignment]
    requests: list[Request]
    members: Mapping[str, list[str]]


class Owners(Struct, frozen=True):
    """Owners and sponsors by object id; lists of different objects, which are different lists."""

    applications: Mapping[str, list[Owner]]
    principals: Mapping[str, list[Owner]]
    sponsors: Mapping[str, list[Owner]]

    def all(self) -> Iterable[Owner]:
        """Yield every owner and sponsor, some more than once."""
        for lists in (self.applications, self.principals, self.sponsors):
            for some in lists.values():
                yield from some


class Used(Struct, frozen=True):
    """Last use by appId and by keyId, and what the audit log tells."""

    sign_ins: Mapping[str, SignIn]
    credentials: Mapping[str, CredentialSignIn]
    audit: list[Audited]


class Outside(Struct, frozen=True):
    """Who manages this directory from outside, and whom it manages."""

    providers: list[Partner]
    relationships: list[Relationship]
    access: Mapping[str, list[AccessAssignment]]


class Directory(Struct, frozen=True):
    """One directory as read. Ids are in lower case; `kept` are the principals that matter.

    Each with the source that shows why: one of Microsoft's own is gone only where that was read.
    """

    id: str
    organization: Organization | None
    applications: Mapping[str, Application]
    principals: Mapping[str, Principal]
    by_app: Mapping[str, Principal]
    kept: Mapping[str, str]
    federated: Mapping[str, list[Federated]]
    held: Held
    owners: Owners
    used: Used
    people: people.People
    machine_users: list[Person]
    outside: Outside

    def principal_of(self, app_id: str | None) -> Principal | None:
        """Find the service principal of an application in this directory."""
        return self.by_app.get(low(app_id))


def is_agent(one: Principal) -> bool:
    """Tell whether a service principal is an AI agent's identity."""
    return low(one.odata_type) == _AGENT or one.agent_identity_blueprint_id is not None


def is_blueprint(one: Application) -> bool:
    """Tell whether a registration is the blueprint of AI agents."""
    return low(one.odata_type) == _APPLICATION


class Reader:
    """Reads a directory in the order in which one answer narrows the next question."""

    def __init__(self, access: Access, ledger: Ledger, now: datetime) -> None:
        self._access = access
        self._ledger = ledger
        self._now = now

    def read(self, azure_holders: frozenset[str], azure_groups: frozenset[str]) -> Directory:
        """Read it all; `azure_holders` and `azure_groups` are principals with roles in Azure."""
        access, open_ = self._access, self._ledger.open
        reading = open_(people.ORGANIZATION)
        organization = people.read_organization(access, reading)
        apps = self._applications()
        all_principals = {
            low(one.id): one
            for one in principals.read_principals(access, open_(principals.PRINCIPALS))
        }
        held = self._held(apps, all_principals, azure_groups)
        owned = principals.read_owned(access, open_(principals.OWNERS), all_principals.keys())
        marked = _marked(held, azure_holders, owned)
        kept = dict(_kept(access.directory, all_principals.values(), marked))
        owners = self._owners(apps, all_principals, kept)
        federated = applications.read_federated(
            access, open_(applications.FEDERATED), apps.values()
        )
        used = self._used()
        people_ = self._people(owners, held)
        admit_gaps(self._ledger, azure=access.options.resource_manager)
        return Directory(
            id=access.directory,
            organization=organization,
            applications=apps,
            principals=all_principals,
            by_app={low(one.app_id): one for one in all_principals.values() if one.app_id},
            kept=kept,
            federated=federated,
            held=held,
            owners=owners,
            used=used,
            people=people_,
            machine_users=people.read_machine_users(access, open_(people.USERS)),
            outside=self._outside(),
        )

    def _applications(self) -> dict[str, Application]:
        reading = self._ledger.open(applications.APPLICATIONS)
        found = applications.read_applications(self._access, reading)
        return {low(one.id): one for one in found}

    def _held(
        self,
        apps: Mapping[str, Application],
        all_: Mapping[str, Principal],
        azure_groups: frozenset[str],
    ) -> Held:
        access, open_ = self._access, self._ledger.open
        reading = open_(permissions.APP_ROLES)
        wanted = list(_resources(apps, all_))
        offered = permissions.read_offered(access, reading, wanted)
        assigned = permissions.read_assigned(access, reading, wanted)
        consents = permissions.read_consents(access, open_(permissions.DELEGATED))
        role_assignments = roles.read_assignments(access, open_(roles.ROLES))
        definitions = self._definitions()
        eligible = roles.read_eligible(access, open_(roles.ELIGIBLE))
        groups = azure_groups | _groups((*role_assignments, *eligible))
        return Held(
            resources=offered,
            assigned=assigned,
            consents=consents,
            roles=definitions,
            role_assignments=role_assignments,
            eligible=eligible,
            requests=self._requests(),
            members=roles.read_machines_of_groups(access, open_(roles.GROUPS), sorted(groups)),
        )

    def _definitions(self) -> Mapping[str, DirectoryRole]:
        """Read the roles themselves, without which no grant of any can be named."""
        attempt = Reading(roles.ROLES)
        found = roles.read_definitions(self._access, attempt)
        self._ledger.open(roles.ROLES).calls += attempt.calls
        if not attempt.complete:
            self._ledger.open(roles.ROLES).mark(attempt.state, attempt.reason or "")
            named = (partners.GDAP,) if self._access.options.partner else ()
            for source in (roles.ELIGIBLE, *named):
                self._ledger.open(source).mark("partial", "the names of roles were not all read")
        return found

    def _requests(self) -> list[Request]:
        """Read requests for roles; a directory that has no licence for them has none."""
        attempt = Reading(roles.REQUESTS)
        found = roles.read_requests(self._access, attempt, self._now)
        reading = self._ledger.open(roles.REQUESTS)
        reading.calls += attempt.calls
        if attempt.state == "not_licensed":
            reading.mark("not_available", "roles are not requested here: it needs Entra ID P2")
        elif not attempt.complete:
            reading.mark(attempt.state, attempt.reason or "")
        return found

    def _owners(
        self,
        apps: Mapping[str, Application],
        all_: Mapping[str, Principal],
        kept: Mapping[str, str],
    ) -> Owners:
        access, open_ = self._access, self._ledger.open
        of_apps = self._owners_of_applications(apps)
        reading = open_(principals.OWNERS)
        asked = [one for one in all_ if one in kept and not is_managed(all_[one])]
        of_principals = principals.read_owners(access, reading, asked)
        reading = open_(principals.AGENTS)
        sponsors = principals.read_sponsors(access, reading)
        blueprints = [key for key, one in apps.items() if is_blueprint(one)]
        sponsors |= principals.read_blueprint_sponsors(access, reading, blueprints)
        found = Owners(of_apps, of_principals, sponsors)
        for source, lists in ((applications.OWNERS, of_apps), (principals.OWNERS, of_principals)):
            if any(_nameless(one) for some in lists.values() for one in some):
                open_(source).mark(
                    "partial", "owners came without names: Directory.Read.All is not granted"
                )
        return found

    def _owners_of_applications(self, apps: Mapping[str, Application]) -> dict[str, list[Owner]]:
        """Read them; where there is no application there is nothing to ask."""
        reading = self._ledger.open(applications.OWNERS)
        if not apps and self._ledger.open(applications.APPLICATIONS).complete:
            return {}
        return applications.read_owners(self._access, reading, list(apps))

    def _used(self) -> Used:
        access, open_ = self._access, self._ledger.open
        sign_ins: list[SignIn] = []
        of_credentials: list[CredentialSignIn] = []
        if access.cloud.reports:
            sign_ins = activity.read_sign_ins(access, open_(activity.SIGN_INS))
            of_credentials = activity.read_credential_sign_ins(access, open_(activity.CREDENTIALS))
        else:
            for source in (activity.SIGN_INS, activity.CREDENTIALS):
                open_(source).mark("not_available", "this cloud of Microsoft has no such reports")
        audit = activity.read_audit(
            access, open_(activity.AUDIT), self._now, access.options.audit_days
        )
        return Used(
            sign_ins={low(one.app_id): one for one in sign_ins},
            credentials={low(one.key_id): one for one in of_credentials},
            audit=audit,
        )

    def _people(self, owners: Owners, held: Held) -> people.People:
        ids = {low(one.id) for one in owners.all() if is_user(one)}
        ids |= {
            low(one.created_by.user.id)
            for one in held.requests
            if one.created_by and one.created_by.user and one.created_by.user.id
        }
        reading = self._ledger.open(people.PEOPLE)
        return people.read_people(self._access, reading, sorted(ids - {""}))

    def _outside(self) -> Outside:
        access, open_ = self._access, self._ledger.open
        providers = partners.read_service_providers(access, open_(partners.CROSS_TENANT))
        if not access.options.partner:
            open_(partners.GDAP).note("not asked: the entry does not say `partner: true`")
            return Outside(providers, [], {})
        found, of_groups = partners.read_relationships(access, open_(partners.GDAP))
        return Outside(providers, found, of_groups)


def is_managed(one: Principal) -> bool:
    """Tell whether a service principal is a managed identity, which has no owners' list."""
    return low(one.service_principal_type) == "managedidentity"


def is_user(one: Owner) -> bool:
    """Tell whether an owner is a user; what does not say what it is may be one."""
    return low(one.odata_type) in ("#microsoft.graph.user", "")


def _nameless(one: Owner) -> bool:
    return is_user(one) and not (one.user_principal_name or one.mail or one.display_name)


def _resources(apps: Mapping[str, Application], all_: Mapping[str, Principal]) -> Iterable[str]:
    """Name the principals whose permissions others hold: Microsoft's few, and the client's own."""
    offering = {low(one.app_id) for one in apps.values() if one.app_roles}
    for key, one in all_.items():
        if low(one.app_id) in KNOWN_RESOURCES or low(one.app_id) in offering:
            yield key


def _marked(held: Held, azure_holders: frozenset[str], owned: frozenset[str]) -> dict[str, str]:
    """Name the principals that somebody in the directory owns or gave something, and who says so.

    The first source that shows one counts, so that the same rights give the same answer.
    """
    assigned = (low(one.principal_id) for some in held.assigned.values() for one in some)
    shown: tuple[tuple[str, Iterable[str]], ...] = (
        (principals.OWNERS, owned),
        (permissions.APP_ROLES, assigned),
        (permissions.DELEGATED, (low(one.client_id) for one in held.consents)),
        (roles.ROLES, (low(one.principal_id) for one in held.role_assignments)),
        (resources.ASSIGNMENTS, azure_holders),
        (roles.ELIGIBLE, (low(one.principal_id) for one in held.eligible)),
        (roles.GROUPS, (one for some in held.members.values() for one in some)),
    )
    found: dict[str, str] = {}
    for source, ids in shown:
        for one in ids:
            found.setdefault(one, source)
    return found


def _kept(
    directory: str, all_: Iterable[Principal], marked: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    """Leave out Microsoft's own, unless it has a credential, or an owner or right given here."""
    for one in all_:
        key = low(one.id)
        first_party = origin(one.app_owner_organization_id, directory) == "first_party"
        carries = one.password_credentials or one.key_credentials
        if not first_party or is_managed(one) or is_agent(one) or carries:
            yield key, principals.PRINCIPALS
        elif key in marked:
            yield key, marked[key]


def _groups(assignments: Iterable[DirectoryAssignment]) -> set[str]:
    """Name the groups among the holders of roles."""
    group = "#microsoft.graph.group"
    holders = (one.principal for one in assignments)
    return {low(one.id) for one in holders if one is not None and low(one.odata_type) == group}


def window(reading: Reading) -> int | None:
    """Return how many days a report of sign-ins looks back; null where it was not read whole."""
    return activity.WINDOW_DAYS if reading.complete else None
