"""The estate's Google side as a graph: places, who holds what there, and every resource by name."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain
from typing import Any

from msgspec import Struct, structs

from nhiscan_sandbox.estate.gcp_model import (
    Contact,
    Folder,
    GoogleOrganization,
    Project,
    Role,
    ServiceAccount,
    ServiceAccountKey,
)
from nhiscan_sandbox.gcp.wire import Refusal, refuse

CRM = "//cloudresourcemanager.googleapis.com/"
# Switched on in a project unless its `apis_off` names them.
USUAL_SERVICES = (
    "apikeys",
    "cloudasset",
    "cloudresourcemanager",
    "essentialcontacts",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "policyanalyzer",
    "serviceusage",
    "storage",
    "sts",
)
# Of these the called resource's own project decides too, not only the one that pays for the call.
BY_RESOURCE = ("aiplatform", "agentregistry")
Row = GoogleOrganization | Folder | Project


class Place(Struct, eq=False):
    """A node of the hierarchy: `name` is `organizations/1`, `folders/2` or `projects/3`."""

    name: str
    row: Row
    up: "Place | None"

    def line(self) -> Iterator["Place"]:
        """Yield this place and those above it."""
        here: Place | None = self
        while here is not None:
            yield here
            here = here.up

    @property
    def organization(self) -> "Place | None":
        """Return the organization it belongs to, null for a project without one."""
        *_, top = self.line()
        return top if isinstance(top.row, GoogleOrganization) else None

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the custom roles that are kept here."""
        return () if isinstance(self.row, Folder) else self.row.roles

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Return the contacts that are kept here."""
        return self.row.contacts


class Account(Struct, eq=False):
    """A service account in its project."""

    row: ServiceAccount
    place: Place
    project: Project
    email: str
    unique_id: str

    @property
    def name(self) -> str:
        """Return its name as the IAM API writes it."""
        return f"projects/{self.project.id}/serviceAccounts/{self.email}"


class World:
    """Everything of the estate on Google's side, by name."""

    def __init__(
        self,
        organizations: tuple[GoogleOrganization, ...],
        projects: tuple[Project, ...],
        now: datetime,
        permissions: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.now = now
        self._lists = permissions
        self.places: dict[str, Place] = {}
        self.accounts: dict[str, Account] = {}
        self._projects: list[Place] = []
        self._accounts_of: dict[str, list[Account]] = {}
        for organization in organizations:
            self._add_organization(organization)
        for project in projects:
            self._add_project(project, None)

    def place(self, name: str) -> Place | None:
        """Find a place by its name; a project by its id or its number."""
        return self.places.get(name)

    def account(self, name: str) -> Account | None:
        """Find a service account by its name, with any of the forms that the IAM API takes."""
        parts = name.split("/")
        found = self.accounts.get(parts[3]) if len(parts) > 3 else None
        if found is None or parts[1] == "-":
            return found
        return found if self.place(f"projects/{parts[1]}") is found.place else None

    def projects(self, under: Place | None = None) -> list[Place]:
        """Return all projects, or those at or below a place, in the estate's order."""
        if under is None:
            return list(self._projects)
        return [place for place in self._projects if under in place.line()]

    def folders(self, under: Place | None = None) -> list[Place]:
        """Return all folders, or those at or below a place."""
        every = [p for p in self.places.values() if isinstance(p.row, Folder)]
        return [place for place in every if under is None or under in place.line()]

    def organizations(self) -> list[Place]:
        """Return all organizations."""
        return [p for p in self.places.values() if isinstance(p.row, GoogleOrganization)]

    def accounts_of(self, project: Place) -> list[Account]:
        """Return the service accounts of a project."""
        return self._accounts_of.get(project.name, [])

    def ago(self, days: float) -> str:
        """Return the moment some days before now as Google writes times."""
        return stamp(self.now - timedelta(days=days))

    def _whole(self, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        """Write into each role what the list that it names holds."""
        return tuple(
            structs.replace(row, permissions=row.permissions + self._lists[row.includes])
            if row.includes
            else row
            for row in roles
        )

    def _add_organization(self, row: GoogleOrganization) -> None:
        row = structs.replace(row, roles=self._whole(row.roles))
        top = Place(f"organizations/{row.number}", row, None)
        self.places[top.name] = top
        waiting = list(row.folders)
        while waiting:
            folder = waiting.pop(0)
            up = self.places.get(f"folders/{folder.parent}") if folder.parent else top
            if up is None:
                waiting.append(folder)  # its parent stands further down in the file
                continue
            self.places[f"folders/{folder.number}"] = Place(f"folders/{folder.number}", folder, up)
        for project in row.projects:
            up = self.places[f"folders/{project.parent}"] if project.parent else top
            self._add_project(project, up)

    def _add_project(self, row: Project, up: Place | None) -> None:
        row = structs.replace(row, roles=self._whole(row.roles))
        place = Place(f"projects/{row.number}", row, up)
        self.places[place.name] = self.places[f"projects/{row.id}"] = place
        self._projects.append(place)
        for account in row.service_accounts:
            address = email(account.name, row.id)
            made = Account(account, place, row, address, unique_id(address))
            self.accounts[address] = self.accounts[made.unique_id] = made
            self._accounts_of.setdefault(place.name, []).append(made)


def place_of(world: World, target: str) -> Place:
    """Return the place that a resource name begins with, or refuse the call as Google does."""
    place = world.place("/".join(target.split("/")[:2]))
    if place is None:
        raise missing(target)
    return place


def missing(target: str) -> Refusal:
    """Make the refusal for a place that is not there: like one that may not be seen."""
    return refuse(
        "PERMISSION_DENIED",
        f"The caller does not have permission, or {target} does not exist.",
        reason="IAM_PERMISSION_DENIED",
        metadata={"resource": target},
    )


def project_of(place: Place) -> Project:
    """Return a place's row, which must be a project's."""
    if not isinstance(place.row, Project):
        raise TypeError(f"{place.name} is no project")
    return place.row


def services_on(project: Project) -> list[str]:
    """Return the short names of the services that are on in a project."""
    agents = ("aiplatform", "agentregistry") if project.agents else ()
    wanted = dict.fromkeys(chain(USUAL_SERVICES, agents, project.apis_on))
    return [service for service in wanted if service not in project.apis_off]


def email(name: str, project: str) -> str:
    """Return a service account's address; `example.com:app` is written `app.example.com`."""
    if "@" in name:
        return name
    domain, _, rest = project.rpartition(":")
    return f"{name}@{rest}{'.' if domain else ''}{domain}.iam.gserviceaccount.com"


def unique_id(address: str) -> str:
    """Return the number of 21 digits that a service account keeps for life."""
    return "1" + str(int(digest("account", address), 16) % 10**20).rjust(20, "0")


def key_id(account: Account, key: ServiceAccountKey) -> str:
    """Return the id of a key: 40 hexadecimal digits, as Google's are."""
    return digest("key", account.email, str(position(account.row.keys, key)), length=40)


def position(rows: Sequence[object], row: object) -> int:
    """Return where a row stands; of rows that say the same, each has its own place."""
    return next(place for place, one in enumerate(rows) if one is row)


def digest(*parts: str, length: int = 32) -> str:
    """Return hexadecimal digits that are the same in every run."""
    return blake2b("\x1f".join(parts).encode(), digest_size=32).hexdigest()[:length]


def uuid(*parts: str) -> str:
    """Return something that looks like a UUID and is the same in every run."""
    d = digest(*parts)
    return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:32]}"


def stamp(moment: datetime) -> str:
    """Write a moment as JSON of Google's APIs does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def present(**fields: Any) -> dict[str, Any]:
    """Make an object without its empty fields, which Google's JSON leaves out."""
    empty: tuple[Any, ...] = (None, "", False, [], {}, ())
    return {name: value for name, value in fields.items() if value not in empty}
