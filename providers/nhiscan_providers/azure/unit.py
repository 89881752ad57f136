"""Collects one directory: signs in, reads every source once, yields rows, then coverage."""

from collections.abc import Iterator
from datetime import datetime

from nhiscan.ledger import Fault, Ledger, Reading
from nhiscan.provider import Context, Unit
from nhiscan.records import Account, AccountState, AnyRecord, Claim, Identity, Usage
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.directory import Directory, Reader
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.premises import USER
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.reading.origins import classify_user
from nhiscan_providers.azure.resources import Azure, read_azure
from nhiscan_providers.azure.rows import (
    becoming,
    delegations,
    grants,
    history,
    identities,
    owners,
    stored,
)
from nhiscan_providers.azure.rows import trusts as trust_rows
from nhiscan_providers.azure.rows.credentials import Credentials
from nhiscan_providers.azure.rows.workloads import Workloads
from nhiscan_providers.azure.shapes.graph import Federated
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import (
    activity,
    applications,
    people,
    principals,
    resources,
)
from nhiscan_providers.azure.sources.subscriptions import SUBSCRIPTIONS
from nhiscan_providers.azure.titles import DIRECTORIES, ENTRY, TITLES
from nhiscan_providers.azure.wire import Wire

# Sources whose grants decide how much power an identity has.
_POWERS = (
    "graph.app_roles",
    "graph.delegated_grants",
    "graph.directory_roles",
    "graph.group_members",
    "arm.role_assignments",
)
# Subscription states (Resource Manager, "Azure subscription states")
_STATES: dict[str, AccountState] = {
    "enabled": "active",
    "warned": "active",
    "pastdue": "active",
    "disabled": "suspended",
    "deleted": "closed",
}


def collect_unit(wire: Wire, options: Options, unit: Unit, context: Context) -> Iterator[AnyRecord]:
    """Yield a unit's records, then one Coverage per source; faults become coverage."""
    ledger = Ledger()
    reading = ledger.open(ENTRY)
    with Access(wire, options, unit.account) as access:
        try:
            access.sign_in(reading)
        except Fault as fault:
            reading.failed(fault)
            for name in TITLES:
                if name not in (ENTRY, DIRECTORIES):
                    ledger.open(name).mark(fault.state, fault.reason)
        else:
            yield from ledger.count(_Scan(access, ledger, context).rows())
    yield from ledger.coverage()


class _Scan:
    """The reading of one directory, and the rows that follow from it."""

    def __init__(self, access: Access, ledger: Ledger, context: Context) -> None:
        self._ledger = ledger
        self._now: datetime = context.now
        context.progress(f"{access.directory}: reading Azure")
        self._azure: Azure = read_azure(access, ledger)
        context.progress(f"{access.directory}: reading Entra ID")
        reader = Reader(access, ledger, context.now)
        self._directory: Directory = reader.read(self._azure.holders(), self._azure.groups())
        self._granted = grants.read_grants(self._directory, self._azure)
        self._becoming = becoming.read_becoming(self._directory, self._azure)
        self._people = owners.People(self._directory)
        left_out = len(self._directory.principals) - len(self._directory.kept)
        ledger.open(principals.PRINCIPALS).note(
            f"{left_out} of Microsoft's own carry nothing given here and are only counted"
        )
        self._by_app = {low(one.app_id): key for key, one in self._directory.applications.items()}

    def rows(self) -> Iterator[AnyRecord]:
        """Yield all records."""
        yield from self._accounts()
        yield from self._applications()
        yield from self._principals()
        yield from self._granted.dangling
        yield from self._delegations()
        yield from stored.stored(self._azure, self._now)
        yield from self._users()
        yield from owners.unique(self._claims())
        yield from history.contact_claims(self._directory)

    def _accounts(self) -> Iterator[AnyRecord]:
        organization = self._directory.organization
        yield Account(
            native_id=self._directory.id,
            name=organization.display_name if organization else None,
            state="active",
            organization=self._directory.id,
            source=ENTRY,
        )
        for one in self._azure.subscriptions:
            yield Account(
                native_id=low(one.subscription_id),
                name=one.display_name,
                state=_STATES.get(low(one.state), "unknown"),
                organization=self._directory.id,
                path=f"{self._directory.id}/{low(one.subscription_id)}",
                tags=one.tags or {},
                source=SUBSCRIPTIONS,
            )

    def _applications(self) -> Iterator[AnyRecord]:
        directory = self._directory
        credentials = self._credentials()
        for key, one in directory.applications.items():
            principal = directory.principal_of(one.app_id)
            power = self._power(low(principal.id) if principal else "")
            yield identities.application(directory, one, power)
            yield self._usage(key, one.app_id, one.created_date_time)
            yield from credentials.of(
                key, one.password_credentials, one.key_credentials, applications.APPLICATIONS
            )
            yield from trust_rows.federated(
                key, directory.federated.get(key, ()), applications.FEDERATED
            )

    def _principals(self) -> Iterator[AnyRecord]:
        directory = self._directory
        credentials = self._credentials()
        workloads = Workloads(self._azure, self._ledger.open(resources.IDENTITIES))
        for key in sorted(directory.kept):
            one = directory.principals[key]
            app = self._by_app.get(low(one.app_id))
            identity = identities.principal(directory, one, self._power(key), workloads, app)
            yield identity
            yield self._usage(key, one.app_id, one.created_date_time)
            managed = identity.kind == "managed_identity"
            yield from credentials.of(
                key,
                one.password_credentials,
                one.key_credentials,
                principals.PRINCIPALS,
                managed=managed,
            )
            if not managed:
                yield from trust_rows.registration(directory, one)
            yield from self._federated(identity)
            yield from grants.widest(self._granted.holdings.get(key, ()))
            yield from self._becoming.get(key, ())

    def _federated(self, identity: Identity) -> Iterator[AnyRecord]:
        """Yield the federated credentials of a user-assigned managed identity."""
        some = self._azure.federated.get(str(identity.attributes.get("arm_id") or ""), ())
        told = [
            Federated(
                id=one.id,
                name=one.name,
                issuer=one.properties.issuer,
                subject=one.properties.subject,
                audiences=one.properties.audiences,
            )
            for one in some
        ]
        yield from trust_rows.federated(identity.key, told, resources.FEDERATED)

    def _delegations(self) -> Iterator[AnyRecord]:
        yield from delegations.lighthouse(self._directory.id, self._azure)
        outside = self._directory.outside
        for partner in {low(one.tenant_id): one for one in outside.providers}.values():
            yield from delegations.service_provider(partner)
        for relationship in outside.relationships:
            yield from delegations.relationship(self._directory, relationship)
        for foreigner in self._granted.foreigners.values():
            yield from delegations.foreigner(foreigner)
            yield from self._becoming.get(f"foreign/{foreigner.id}", ())

    def _users(self) -> Iterator[AnyRecord]:
        for one in self._directory.machine_users:
            key = low(one.id)
            class_, rule, evidence = classify_user(one.user_principal_name or "")
            yield Identity(
                key=key,
                kind="user",
                native_type=USER,
                native_id=f"{self._directory.id}/users/{key}",
                immutable_id=key,
                name=one.user_principal_name or key,
                class_=class_,
                class_rule=rule,
                class_evidence=evidence,
                enabled=one.account_enabled,
                created_at=moment(one.created_date_time),
                attributes={"privilege_reason": "the roles of users are not read"},
                source=people.USERS,
            )
            yield Usage(
                subject="identity",
                key=key,
                usage="unknown",
                note="the sign-ins of users are not read",
                source=people.USERS,
            )
            yield from self._becoming.get(key, ())

    def _claims(self) -> Iterator[Claim]:
        directory, named = self._directory, self._people
        kept = directory.kept.keys() | directory.applications.keys()
        for claim in (
            *owners.owner_claims(directory, named),
            *owners.sponsor_claims(directory, named),
            *history.audit_claims(directory, named),
            *history.request_claims(directory, named),
            *history.text_claims(directory),
        ):
            if claim.key in kept:
                yield claim

    def _power(self, key: str) -> identities.Power:
        """Judge how much an identity may do; what was not read may be more than what was."""
        privilege, why = grants.strongest(list(self._granted.holdings.get(key, ())))
        unread = [one for one in _POWERS if not _whole(self._ledger.open(one))]
        if unread and privilege != "admin":
            return "unknown", f"not read: {', '.join(unread)}"
        return privilege, why

    def _usage(self, key: str, app_id: str | None, created: str | None) -> Usage:
        reading = self._ledger.open(activity.SIGN_INS)
        return identities.usage(key, app_id, created, self._directory, reading, self._now)

    def _credentials(self) -> Credentials:
        reading = self._ledger.open(activity.CREDENTIALS)
        return Credentials(self._directory, reading, self._now)


def _whole(reading: Reading) -> bool:
    return reading.state in ("complete", "not_available")
