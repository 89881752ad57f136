"""What the files of a control matrix say (governance 2.5, DESIGN 6.1), as frozen structs."""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from nhiscan.config.model import Party

Responsibility = Literal[
    "msp",
    "client",
    "subservice",
    "shared_msp_client",
    "shared_msp_client/independent",
    "shared_msp_client/dependent",
    "shared_msp_sub",
    "n/a",
]
ServiceModel = Literal[
    "standard",
    "white_label",
    "co_managed_soc",
    "cmk",
    "outsourced_siem",
    "ir_retainer",
    "shared_platform",
]
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "annual", "on_event"]
# What a link of an identity to an instance rests on (governance 2.5); a file may state it.
Basis = Literal[
    "explicit", "tag", "operation", "dedicated", "role", "action_class", "name", "repository"
]

# What somebody must do for every control; the order is that of the CSV columns.
DUTIES = ("provision", "review", "revoke", "approve", "monitor", "respond", "retain")


class Custody(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Who keeps the evidence during [from, to): an organization, and a person of it.

    `oversight` is the other side's person who keeps an eye on it. `handoff_ack` is the day on which
    this custodian acknowledged that it took over.
    """

    who: str
    person: str | None = None
    from_: date
    to: date | None = None
    oversight: str | None = None
    handoff_ack: date | None = None


class Agreement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clause of a contract that says who does it."""

    doc: str
    clause: str | None = None
    sha256: str | None = None


class SignOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client's signature under the exact text of the split; see `nhiscan.matrix.signed`."""

    by: str
    at: date
    covers_sha256: str | None = None
    artefact: str | None = None
    expires: date | None = None


class Operator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What operates the control: a native id, or a selector such as `tag:soc2-control=CC6.2`."""

    id: str | None = None
    selector: str | None = None
    basis: Basis | None = None


class Instance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One control as operated for one client in one period: the unit of accountability."""

    id: str
    criteria: list[str]
    also: dict[str, list[str]] = {}
    statement: str
    service_model: ServiceModel | None = None
    responsibility: Responsibility
    duties: dict[str, str | list[str] | None] = {}
    accountable: str | list[str] | None = None
    backup: str | None = None
    approver: str | None = None
    custody: list[Custody] = []
    frequency: Frequency | None = None
    sla: str | None = None
    agreement: Agreement | None = None
    signoff: SignOff | None = None
    operated_by: list[Operator] = []
    operated_by_human: bool = False
    cuec: list[str] = []
    csoc: list[str] = []
    notes: str | None = None


class Period(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The days that the instances hold for; both are within it."""

    from_: date
    to: date

    @property
    def end(self) -> date:
        """Return the first day after it; 9999-12-31, which has none, is without end."""
        return self.to if self.to == date.max else self.to + timedelta(days=1)


class Placed(Struct, frozen=True, kw_only=True):
    """An instance, and where it and its keys stand; `lines` maps `custody[0]`, `signoff` … too."""

    instance: Instance
    line: int
    lines: dict[str, int]


class ClientFile(Struct, frozen=True, kw_only=True):
    """One file of `clients/`: a tenant, its period and its instances in the order of the file."""

    client: str
    period: Period
    instances: tuple[Placed, ...]
    file: str
    line: int


class Criterion(Struct, frozen=True, kw_only=True):
    """A requirement of a framework under a title of our own: the standards' texts are not free."""

    id: str
    title: str
    domain: str | None = None


class Catalog(Struct, frozen=True, kw_only=True):
    """One file of `catalog/`: a framework and its criteria."""

    framework: str
    criteria: tuple[Criterion, ...]


class EvidenceSla(Struct, frozen=True, kw_only=True):
    """How fresh evidence of a domain must be; all but `domain` are lengths of time."""

    domain: str
    max_age: timedelta | None = None
    produce_within: timedelta | None = None
    retrieve_within: timedelta | None = None
    retain_for: timedelta | None = None
    file: str = ""
    line: int = 0


class LinkMatch(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}
):
    """What an identity must be for a rule to hold: all that is given; texts but ids are globs.

    `tag` is key=value, `account` the account's native id or ours, `role` one of its roles.
    """

    tag: str | None = None
    name: str | None = None
    native_id: str | None = None
    native_type: str | None = None
    kind: str | None = None
    provider: str | None = None
    account: str | None = None
    tenant: str | None = None
    role: str | None = None
    action_class: str | None = None
    class_: str | None = None


class LinkRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A convention of names, tags, roles or accounts that ties identities to criteria."""

    id: str
    match: LinkMatch
    criteria: list[str]
    basis: Literal["explicit", "tag", "dedicated", "role", "action_class", "name", "repository"]


class Matrix(Struct, frozen=True, kw_only=True):
    """All that a matrix folder says; empty where no matrix is configured."""

    catalogs: tuple[Catalog, ...] = ()
    clients: tuple[ClientFile, ...] = ()
    parties: tuple[Party, ...] = ()
    slas: tuple[EvidenceSla, ...] = ()
    rules: tuple[LinkRule, ...] = ()

    def criterion(self, control_id: str) -> Criterion | None:
        """Find a criterion of any catalog."""
        return next((c for k in self.catalogs for c in k.criteria if c.id == control_id), None)
