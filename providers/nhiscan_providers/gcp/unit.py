"""Collects one project, or the organization's own rows: enters, reads, yields rows, coverage."""

from collections.abc import Iterator

from msgspec import Struct, structs

from nhiscan.errors import ProviderError
from nhiscan.ledger import Ledger
from nhiscan.provider import Context, Unit
from nhiscan.records import AnyRecord
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.bindings import Index
from nhiscan_providers.gcp.calls import (
    ACTIVITIES,
    CREATORS,
    ENTRY,
    HMAC_KEYS,
    INVENTORY,
    KEY_STATUS,
    LISTED,
    POLICIES,
    PROJECTS,
    TITLES,
)
from nhiscan_providers.gcp.facts import Facts, HmacKey
from nhiscan_providers.gcp.fallback import Place, anew, list_one_by_one, policies_one_by_one
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.rows.share import Share, organization_rows, project_rows
from nhiscan_providers.gcp.sources.details import read_details
from nhiscan_providers.gcp.sources.storage import read_hmac_keys
from nhiscan_providers.gcp.survey import (
    ELSEWHERE,
    Survey,
    Surveys,
    guarded,
    read_bound,
    read_listed,
    read_made,
    read_survey,
    read_used,
    unread,
)

_NO_BUCKET = "not asked: no bucket stands in the project; `hmac_keys: all` asks everywhere"
_UNLISTED = "the inventory does not list the project: it is new, or hidden from the scanner"
_STRANGE = "accounts with HMAC keys that are not among the project's own and are not shown"
_OF_PROJECTS = frozenset({HMAC_KEYS})


class _Params(Struct, kw_only=True):
    """What planning learnt of a unit; see `plan`."""

    organization: str | None = None
    number: str | None = None
    above: tuple[str, ...] = ()
    domain: str | None = None
    plan: str = ""
    units: int = 1


def collect_unit(
    surveys: Surveys, options: Options, unit: Unit, context: Context
) -> Iterator[AnyRecord]:
    """Yield a unit's records, then one Coverage per source; faults become coverage."""
    ledger = Ledger()
    params = _params(unit)
    access = surveys.access(options)
    failed = _enter(access, ledger)
    if failed is None:
        scan = _Scan(surveys, access, ledger, unit, params, context)
        yield from ledger.count(scan.rows())
    else:
        for name in TITLES:
            if name not in (ENTRY, PROJECTS):
                ledger.open(name).mark(failed.state, failed.reason)
    yield from ledger.coverage()


class _Scan:
    """The reading of one unit: its share of the organization's survey, and what it lacks."""

    def __init__(
        self,
        surveys: Surveys,
        access: Access,
        ledger: Ledger,
        unit: Unit,
        params: _Params,
        context: Context,
    ) -> None:
        self._surveys = surveys
        self._access = access
        self._ledger = ledger
        self._unit = unit
        self._params = params
        self._context = context

    def rows(self) -> Iterator[AnyRecord]:
        """Read, then yield everything of the unit."""
        params, unit = self._params, self._unit
        survey = self._survey()
        if unit.account == params.organization:
            yield from self._organization(survey)
        else:
            yield from self._project(survey)

    def _survey(self) -> Survey | None:
        params, options, context = self._params, self._access.options, self._context
        if params.organization is None:
            return None
        scope = f"organizations/{params.organization}"
        return self._surveys.take(
            options,
            params.plan,
            params.units,
            lambda: read_survey(self._access, scope, context.now, context.progress),
        )

    def _organization(self, survey: Survey | None) -> Iterator[AnyRecord]:
        number = self._unit.account
        place = f"organizations/{number}"
        if survey is None:
            return
        self._adopt(survey, own=True)
        facts, index = survey.facts, survey.index
        if survey.policies_fault or survey.assets_fault:
            facts = structs.replace(facts)
            here = Place(place, number, None)
            if survey.policies_fault:
                facts.bindings = []
                policies_one_by_one(self._access, self._ledger, here, facts)
                self._ledger.open(POLICIES).mark(
                    "partial", f"policies of folders were not read: {survey.policies_fault.reason}"
                )
            if survey.assets_fault:
                list_one_by_one(self._access, self._ledger, here, facts)
            index = Index(facts, unread(self._access.options, facts))
        self._ledger.open(HMAC_KEYS).note("an organization has none of its own")
        yield from organization_rows(self._share(facts, index, place))

    def _project(self, survey: Survey | None) -> Iterator[AnyRecord]:
        context, project = self._context, self._unit.account
        place = f"projects/{project}"
        if survey is None:
            context.progress(f"{project}: reading")
        else:
            self._adopt(survey, own=False)
            self._admit_unlisted(survey)
        facts, index = self._lacking(survey)
        self._hmac_keys(facts)
        yield from project_rows(self._share(facts, index, place))

    def _admit_unlisted(self, survey: Survey) -> None:
        """Say that nothing was seen of a project that the inventory does not show (yet)."""
        if survey.assets_fault is None and self._unit.account not in survey.facts.above:
            for source in (*LISTED, POLICIES, CREATORS):
                self._ledger.open(source).mark("partial", _UNLISTED)

    def _lacking(self, survey: Survey | None) -> tuple[Facts, Index]:
        """Read of the project itself what the survey does not hold."""
        if survey and not (survey.assets_fault or survey.policies_fault or survey.activity_fault):
            return survey.facts, survey.index
        access, ledger, params = self._access, self._ledger, self._params
        project = self._unit.account
        facts = structs.replace(survey.facts) if survey else Facts()
        place = Place(f"projects/{project}", project, params.number)
        if survey is None or survey.assets_fault:
            fresh = Facts()
            if survey:
                fresh.numbers, fresh.number_of = dict(facts.numbers), dict(facts.number_of)
                fresh.above = dict(facts.above)
            fresh.learn(project, params.number or "", params.above)
            self._listed(survey, place, fresh)
            _put(facts, fresh)
            own = fresh.of_project(project)
            read_details(access, ledger.open(KEY_STATUS), own, facts)
            if survey is None:
                read_made(access, ledger, [project], facts, self._context.now)
        if survey is None or survey.policies_fault:
            facts.bindings, facts.with_buckets = [], None
            self._bound(survey, place, facts)
        if survey is None or survey.activity_fault:
            read_used(access, anew(ledger, ACTIVITIES), place.name, facts)
        return facts, Index(facts, unread(access.options, facts))

    def _listed(self, survey: Survey | None, place: Place, facts: Facts) -> None:
        before = survey.assets_fault if survey else None
        fault = before
        if before is None or before.kind in ELSEWHERE:
            for source in (*LISTED, INVENTORY):
                anew(self._ledger, source)
            fault = read_listed(self._access, self._ledger, place.name, facts)
        if fault is not None:
            facts.learn(place.account, place.number or "", self._params.above)
            list_one_by_one(self._access, self._ledger, place, facts)

    def _bound(self, survey: Survey | None, place: Place, facts: Facts) -> None:
        before = survey.policies_fault if survey else None
        fault = before
        if before is None or before.kind in ELSEWHERE:
            anew(self._ledger, POLICIES)
            fault = read_bound(self._access, self._ledger, place.name, facts, None)
        if fault is not None:
            policies_one_by_one(self._access, self._ledger, place, facts)
        if survey is not None:
            self._ledger.open(POLICIES).mark(
                "partial", "policies of the organization and its folders were not read"
            )

    def _hmac_keys(self, facts: Facts) -> None:
        reading, wanted = self._ledger.open(HMAC_KEYS), self._access.options.hmac_keys
        project = self._unit.account
        if wanted == "never":
            reading.mark("partial", "not asked: `hmac_keys` is never")
        elif wanted == "buckets" and not _may_have_buckets(facts, project):
            reading.mark("not_available", _NO_BUCKET)
        else:

            def read() -> None:
                found: dict[str, list[HmacKey]] = {}
                for key in read_hmac_keys(self._access, reading, project):
                    found.setdefault(key.account, []).append(key)
                # of another project's account: that unit must not show it or not as threads run
                own = {one.email for one in facts.of_project(project)}
                facts.hmac_keys.update({who: keys for who, keys in found.items() if who in own})
                strange = {
                    who
                    for who, keys in found.items()
                    if who not in own and any(key.state != "DELETED" for key in keys)
                }
                if strange:
                    reading.mark("partial", f"{_STRANGE}: {len(strange)}")

            guarded(reading, read)

    def _adopt(self, survey: Survey, *, own: bool) -> None:
        """Take over how the survey's sources were read; its calls count once, where `own`."""
        for name in TITLES:
            if name in (ENTRY, PROJECTS) or name in _OF_PROJECTS:
                continue
            theirs, mine = survey.ledger.open(name), self._ledger.open(name)
            if name == KEY_STATUS and not own and not self._keys_untold(survey.facts):
                continue
            mine.state, mine.reason = theirs.state, theirs.reason
            mine.calls += theirs.calls if own else 0

    def _keys_untold(self, facts: Facts) -> bool:
        accounts = facts.of_project(self._unit.account)
        return any(not key.told for one in accounts for key in facts.keys.get(one.email, ()))

    def _share(self, facts: Facts, index: Index, place: str) -> Share:
        params = self._params
        return Share(
            account=self._unit.account,
            place=place,
            organization=params.organization,
            domain=params.domain,
            facts=facts,
            index=index,
            now=self._context.now,
            gone=self._unit.account in facts.leaving,
            policies_whole=self._ledger.open(POLICIES).complete,
            activity_asked=self._ledger.open(ACTIVITIES).complete,
        )


_LISTS = (
    "accounts", "by_number", "in_project", "keys", "pools", "api_keys", "contacts", "agents",
    "roles", "numbers", "number_of", "above",
)  # fmt: skip


def _put(facts: Facts, fresh: Facts) -> None:
    """Have facts hold what was listed afresh."""
    for name in _LISTS:
        setattr(facts, name, getattr(fresh, name))


def _may_have_buckets(facts: Facts, project: str) -> bool:
    unlisted = project not in facts.above
    return facts.with_buckets is None or unlisted or project in facts.with_buckets


def _params(unit: Unit) -> _Params:
    given = {name: unit.params[name] for name in _Params.__struct_fields__ if name in unit.params}
    if "above" in given:
        given["above"] = tuple(given["above"])
    return _Params(**given)


def _enter(access: Access, ledger: Ledger) -> Fault | None:
    reading = ledger.open(ENTRY)
    try:
        access.enter(reading)
    except ProviderError as error:
        failed = Fault("credentials", error.message)
    except Fault as fault:
        failed = fault
    else:
        return None
    reading.failed(failed)
    return failed
