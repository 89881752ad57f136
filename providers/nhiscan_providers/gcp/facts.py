"""Everything that is read of one organization or project before its rows are made."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from nhiscan.records import Moment
from nhiscan_providers.gcp.reading.federation import Provider


class ServiceAccount(Struct, kw_only=True, gc=False):
    """One service account; `created` and `tags` come from the inventory's search alone."""

    email: str
    unique_id: str
    project: str
    title: str = ""
    description: str = ""
    disabled: bool = False
    created: Moment | None = None
    tags: dict[str, str] = {}


class Key(Struct, kw_only=True, gc=False):
    """One user-managed key. `exposed`: where Google found it; `told`: whether that was asked.

    `endless` is whether it never expires, null where its end is not told.
    """

    id: str
    account: str
    uploaded: bool = False
    algorithm: str | None = None
    created: Moment | None = None
    expires: Moment | None = None
    endless: bool | None = None
    disabled: bool = False
    disable_reason: str | None = None
    exposed: str | None = None
    told: bool = False
    fingerprint: str | None = None


class Pool(Struct, kw_only=True):
    """One workload identity pool; `name` as the API writes it, with the project's number."""

    name: str
    id: str
    project: str
    title: str = ""
    managed_by_google: bool = False
    disabled: bool = False
    deleted: bool = False
    providers: list[Provider] = []

    @property
    def live(self) -> bool:
        """Whether it lets anybody in; a provider stays ACTIVE in a disabled pool."""
        return not (self.disabled or self.deleted)


class ApiKey(Struct, kw_only=True, gc=False):
    """One API key, without its string."""

    name: str
    uid: str
    project: str
    title: str = ""
    created: Moment | None = None
    deleted: Moment | None = None
    services: tuple[str, ...] = ()
    restricted_to: tuple[str, ...] = ()
    account: str | None = None
    account_told: bool = False


class HmacKey(Struct, kw_only=True, gc=False):
    """One HMAC key of a service account, by its public half."""

    access_id: str
    account: str
    state: str
    created: Moment | None = None


class Contact(Struct, kw_only=True, gc=False):
    """One essential contact of a project, folder or organization (`place`)."""

    place: str
    email: str
    categories: tuple[str, ...]
    valid: bool = True


class Agent(Struct, kw_only=True, gc=False):
    """One reasoning engine of Vertex AI and as whom it runs."""

    name: str
    project: str
    title: str = ""
    identity: str | None = None
    account: str | None = None
    created: Moment | None = None
    labels: dict[str, str] = {}


class Scope(Struct, frozen=True, kw_only=True):
    """Where a binding stands. `place` is the project, folder or organization that it lies in.

    `level` is account for a policy on a service account, whose address or number is `id`.
    """

    name: str
    level: str
    id: str
    place: str


class Binding(Struct, frozen=True, kw_only=True, gc=False):
    """One role given to members at one place; `condition` is its CEL, null if it has none."""

    scope: Scope
    role: str
    members: tuple[str, ...]
    condition: str | None = None
    condition_title: str = ""


class Activity(Struct, kw_only=True, gc=False):
    """When an account or key last authenticated, and the period that was looked at."""

    at: Moment | None
    since: Moment | None
    until: Moment | None


class Activities(Struct, kw_only=True):
    """Last authentications by an account's number or a key's id; the period is that of all rows."""

    rows: dict[str, Activity] = {}
    since: datetime | None = None
    until: datetime | None = None


class Creation(Struct, kw_only=True, gc=False):
    """One event of the audit log: who made what."""

    event: str
    at: Moment | None
    by: str
    through: str | None = None
    email: str | None = None
    unique_id: str | None = None
    key: str | None = None
    api_key: str | None = None
    project: str | None = None


class Facts(Struct, kw_only=True):
    """What was read, by project id where it belongs to one. Lists may be read in part.

    `with_buckets` names the projects where buckets stand, as policies show; null: not known.
    """

    accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    keys: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    pools: dict[str, Pool] = field(default_factory=dict)
    api_keys: dict[str, list[ApiKey]] = field(default_factory=lambda: defaultdict(list))
    hmac_keys: dict[str, list[HmacKey]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[str, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    agents: dict[str, list[Agent]] = field(default_factory=lambda: defaultdict(list))
    roles: dict[str, frozenset[str] | None] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    account_activity: Activities = field(default_factory=Activities)
    key_activity: Activities = field(default_factory=Activities)
    creations: list[Creation] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    number_of: dict[str, str] = field(default_factory=dict)
    above: dict[str, tuple[str, ...]] = field(default_factory=dict)
    with_buckets: set[str] | None = None
    leaving: set[str] = field(default_factory=set)

    by_number: dict[str, str] = field(default_factory=dict)
    in_project: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def project(self, text: str | None) -> str | None:
        """Turn a project's id or number into its id, if it is a known one."""
        if text is None:
            return None
        return self.numbers.get(text) or (text if text in self.above else None)

    def add_account(self, one: ServiceAccount) -> None:
        """Keep a service account; one that is listed twice counts once."""
        if one.email not in self.accounts:
            self.in_project[one.project].append(one.email)
        self.accounts[one.email] = one
        self.by_number[one.unique_id] = one.email

    def account(self, text: str) -> ServiceAccount | None:
        """Find a service account by its address or number."""
        return self.accounts.get(self.by_number.get(text, text))

    def of_project(self, project: str) -> list[ServiceAccount]:
        """List the service accounts of a project, by address."""
        return [self.accounts[email] for email in sorted(self.in_project.get(project, ()))]

    def forget_accounts(self) -> None:
        """Begin the list of accounts anew."""
        self.accounts.clear()
        self.by_number.clear()
        self.in_project.clear()

    def learn(self, project: str, number: str, above: Iterable[str]) -> None:
        """Keep a project's number and what it lies in, nearest first."""
        self.numbers[number] = project
        self.number_of[project] = number
        self.above[project] = tuple(above)

    def line(self, place: str) -> tuple[str, ...]:
        """List a place and what it lies in; a project is written `projects/ID`."""
        return (place, *self.above.get(place.removeprefix("projects/"), ()))
