"""Collects one account: enters it, reads every source once, yields rows, then coverage."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from nhiscan.errors import ProviderError
from nhiscan.ledger import Ledger, Reading, attempt
from nhiscan.provider import Context, Unit
from nhiscan.records import GLOBAL, AnyRecord
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.calls import TITLES
from nhiscan_providers.aws.facts import Facts, read_facts
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.people import People
from nhiscan_providers.aws.reading.becoming import OpeningReader
from nhiscan_providers.aws.reading.capabilities import CapabilityReader
from nhiscan_providers.aws.reading.documents import Document, parse
from nhiscan_providers.aws.reading.pieces import Home
from nhiscan_providers.aws.roles import Roles
from nhiscan_providers.aws.rows import account as account_rows
from nhiscan_providers.aws.rows import claims, stored
from nhiscan_providers.aws.sources import creators, secrets
from nhiscan_providers.aws.sources.account import REGIONS, read_regions
from nhiscan_providers.aws.users import Users
from nhiscan_providers.aws.wire import Wire

_ENTRY = "sts.identity"
_WRONG = "the credentials lead into another account than {account}; nothing was read"


def collect_unit(wire: Wire, options: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
    """Yield a unit's records, then one Coverage per source and region; faults become coverage."""
    ledger = Ledger()
    with Access(wire, options, unit.params.get("role_arn")) as access:
        failed = _enter(access, ledger, unit.account)
        if failed is None:
            context.progress(f"{unit.account}: reading IAM")
            scan = _Scan(access, ledger, unit, context.now)
            yield from ledger.count(scan.identities())
            context.progress(f"{unit.account}: reading secrets and creators")
            yield from ledger.count(scan.regional())
            yield from ledger.count(scan.creators())
        else:
            _nothing_read(ledger, failed, options.regions or (access.home,))
    yield from ledger.coverage()


class _Scan:
    """The reading of one account, step by step; a later step uses what an earlier one found."""

    def __init__(self, access: Access, ledger: Ledger, unit: Unit, now: datetime) -> None:
        self._access = access
        self._ledger = ledger
        self._unit = unit
        self._now = now
        self._facts = read_facts(access, ledger)
        _admit_gaps(self._facts)
        self._people = People(unit.account, {}, {})

    def identities(self) -> Iterator[AnyRecord]:
        """Read and yield users, roles, root, identity providers and contacts."""
        access, unit, facts = self._access, self._unit, self._facts
        scps = _scps(unit)
        reader = CapabilityReader(scps)
        users = Users(access, self._ledger, facts, self._now)
        users.judge(reader)
        roles = Roles(access, facts, unit.params.get("organization"))
        roles.judge(reader, {one.user.arn for one in users.judged if one.class_.class_ == "human"})
        self._people = People(
            unit.account,
            {one.user.name: one.class_.class_ for one in users.judged},
            {one.role.name: one.class_.class_ for one in roles.judged},
        )
        home = Home(access.partition, unit.account)
        openings = OpeningReader(scps, home, roles.federated(), roles.services())
        yield from users.rows(openings)
        yield from roles.rows(self._now, openings)
        yield from account_rows.root(unit.account, access.partition, facts.report, facts.summary)
        trusted = roles.trusted() if facts.details.whole else None
        yield from account_rows.providers(facts.oidc, facts.saml, trusted)
        yield from account_rows.contacts(unit.account, facts.contacts)

    def regional(self) -> Iterator[AnyRecord]:
        """Read and yield secrets and parameters, region by region."""
        access = self._access
        for region in self._regions():
            reading = self._ledger.open(secrets.SECRETS, region)
            for one in _regional(access, reading, "secretsmanager", secrets.read_secrets):
                yield from stored.secret(one, region, self._now)
            reading = self._ledger.open(secrets.PARAMETERS, region)
            for one in _regional(access, reading, "ssm", secrets.read_parameters):
                yield from stored.parameter(one, region, self._people)

    def creators(self) -> Iterator[AnyRecord]:
        """Read and yield who created identities and keys."""
        reading = self._ledger.open(creators.SOURCE)
        pages = self._access.options.creators_pages
        nothing: list[creators.Creation] = []
        events = attempt(
            reading, lambda: creators.read_creators(self._access, reading, pages), nothing
        )
        details = self._facts.details
        yield from claims.creators(events, details.users, details.roles, self._people)

    def _regions(self) -> Sequence[str]:
        given = self._access.options.regions
        reading = self._ledger.open(REGIONS)
        if given:
            reading.note("not asked: the configuration names the regions")
            return given
        nothing: list[str] = []
        found = attempt(reading, lambda: read_regions(self._access, reading), nothing)
        return found or self._access.all_regions("secretsmanager")


def _regional(
    access: Access,
    reading: Reading,
    service: str,
    read: Callable[[Access, Reading], list[secrets.Stored]],
) -> list[secrets.Stored]:
    if not access.serves(service, reading.region):
        reading.mark("not_available", f"{service} does not exist in {reading.region}")
        return []
    return attempt(reading, lambda: read(access, reading), [])


def _enter(access: Access, ledger: Ledger, account: str) -> Fault | None:
    reading = ledger.open(_ENTRY)
    try:
        if access.enter(reading) != account:
            raise Fault("unreachable", _WRONG.format(account=account))
    except ProviderError as error:
        failed = Fault("credentials", error.message)
    except Fault as fault:
        failed = fault
    else:
        return None
    reading.failed(failed)
    return failed


def _nothing_read(ledger: Ledger, failed: Fault, regions: Sequence[str]) -> None:
    """Say of every source that it was not read, and why."""
    for name, title in TITLES.items():
        if name == _ENTRY or name.startswith("organizations."):
            continue
        for region in regions if title.regional else (GLOBAL,):
            ledger.open(name, region).mark(failed.state, failed.reason)


def _admit_gaps(facts: Facts) -> None:
    """Where users were not all listed, their credentials cannot be said to be all there are."""
    if facts.details.whole:
        return
    reason = "the users were not all read, and credentials belong to users"
    for reading in (facts.report_reading, facts.service_specific_reading):
        reading.mark("partial", reason)


def _scps(unit: Unit) -> Sequence[Sequence[Document]] | None:
    """Read the unit's service control policies by level.

    An entry without `organization` asks for none: what it says of powers is by the account's own
    policies. An organization whose policies were refused gives null, which is unknown.
    """
    levels: list[list[str]] | None = unit.params.get("scps", [])
    if levels is None:
        return None
    return [[parse(text) for text in level] for level in levels]
