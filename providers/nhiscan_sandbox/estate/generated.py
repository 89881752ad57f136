"""Makes directories of any size, in the proportions of real ones: for measuring, not for reading.

What is generated follows from the number of the directory and of each object, so that two runs
make the same.
"""

from msgspec import Struct

from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.estate.azure_model import (
    Application,
    AuditEvent,
    AutomationAccount,
    AzureGrant,
    Certificate,
    Consent,
    Directory,
    DirectoryRole,
    Federated,
    Group,
    Identity,
    Password,
    Principal,
    Resource,
    Storage,
    Subscription,
    User,
)

_GRAPH = ("Mail.Read", "Directory.Read.All", "Sites.FullControl.All", "User.Read.All", "Mail.Send")
_AZURE = ("Reader", "Contributor", "Virtual Machine Contributor", "Owner", "AcrPull")
_ISSUER = "https://token.actions.githubusercontent.com"
# Every permission that the scanner asks for.
_SCANS = (
    "Application.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "AuditLog.Read.All",
    "AgentIdentity.Read.All",
    "Policy.Read.All",
)


class Size(Struct, frozen=True, kw_only=True):
    """How much there is in a directory: registrations (each with its principal), and the rest.

    `first_party` counts Microsoft's own principals besides the five that permissions are for.
    """

    applications: int
    foreign: int
    first_party: int
    subscriptions: int

    @property
    def principals(self) -> int:
        """How many service principals that makes, managed identities left out."""
        return self.applications + self.foreign + self.first_party + 5


def directory(number: int, size: Size, scanner: str) -> Directory:
    """Make one directory; `scanner` is the appId of an application that may read all of it."""
    identity = guid("generated directory", str(number))
    domain = f"client-{number:03}.example"
    users = [
        User(upn=f"person{one}@{domain}", name=f"Person {one}", enabled=bool(one % 9))
        for one in range(max(4, size.applications * 3 // 10))
    ]
    applications = [_application(one, users) for one in range(size.applications - 1)]
    return Directory(
        id=identity,
        name=f"Client {number}",
        domains=(domain,),
        licence="p2",
        first_party=size.first_party,
        technical=(users[0].upn,),
        users=tuple(users),
        groups=tuple(_group(one, applications) for one in range(3)),
        applications=(*applications, _scanner(scanner)),
        principals=tuple(_foreign(one) for one in range(size.foreign)),
        consents=tuple(
            Consent(client=one.name, scopes="User.Read Mail.Read") for one in applications[::4]
        ),
        roles=tuple(
            DirectoryRole(role="Directory Readers", to=one.name) for one in applications[::50]
        ),
        audit=tuple(_created(one, users) for one in range(0, size.applications - 1, 25)),
        root_roles=(AzureGrant(role="Reader", to="nhiscan"),),
        subscriptions=tuple(
            _subscription(identity, one, applications[one :: 4 * size.subscriptions])
            for one in range(size.subscriptions)
        ),
    )


def _created(number: int, users: list[User]) -> AuditEvent:
    return AuditEvent(
        activity="Add application",
        kind="Application",
        target=f"app {number:04}",
        by=users[number % len(users)].upn,
        age=1 + number % 28,
    )


def _scanner(app_id: str) -> Application:
    principal = Principal(name="nhiscan", roles={"graph": _SCANS}, signed_in=0)
    return Application(name="nhiscan", app_id=app_id, principal=principal)


def _application(number: int, users: list[User]) -> Application:
    """Make a registration: most have an owner and a secret, some a certificate or a federation."""
    some = tuple(users[(number + one) % len(users)].upn for one in range(number % 3))
    name = f"app {number:04}"
    return Application(
        name=name,
        age=30 + number % 1500,
        owners=some,
        secrets=tuple(
            Password(name=f"secret {one}", age=number % 700, used=number % 40 if one else None)
            for one in range(number % 5 and 1 + number % 2)
        ),
        certificates=(Certificate(name="cert"),) if number % 5 == 0 else (),
        federated=(
            (Federated(name="ci", issuer=_ISSUER, subject=f"repo:acme/app{number}:ref:main"),)
            if number % 5 == 1
            else ()
        ),
        offers=("Orders.Read.All",) if number % 20 == 0 else (),
        notes=f"Runs job {number}; ask {users[number % len(users)].upn}",
        principal=Principal(
            name=name,
            age=30 + number % 1500,
            owners=some[:1] if number % 10 == 2 else (),
            roles={"graph": (_GRAPH[number % 5],)} if number % 2 else {},
            signed_in=number % 30 if number % 3 else None,
        ),
    )


def _foreign(number: int) -> Principal:
    return Principal(
        name=f"vendor app {number:03}",
        app_id=guid("vendor app", str(number)),
        home=guid("vendor", str(number % 30)),
        publisher=f"Vendor {number % 30}",
        roles={"graph": (_GRAPH[number % 5],)} if number % 3 == 0 else {},
        signed_in=number % 30,
    )


def _group(number: int, applications: list[Application]) -> Group:
    return Group(name=f"robots {number}", members=tuple(a.name for a in applications[number::97]))


def _subscription(directory: str, number: int, holders: list[Application]) -> Subscription:
    """Make a subscription with a few workloads, and roles for some applications and a group."""
    grants = [
        AzureGrant(role=_AZURE[place % 5], to=one.name, scope="main" if place % 2 else "")
        for place, one in enumerate(holders)
    ]
    return Subscription(
        id=guid("generated subscription", directory, str(number)),
        name=f"subscription {number}",
        roles=(*grants, AzureGrant(role="Contributor", to=f"robots {number % 3}")),
        resources=tuple(
            Resource(
                name=f"vm-{number}-{one}",
                type="Microsoft.Compute/virtualMachines",
                system=True,
                tags={"team": f"team-{one}"},
            )
            for one in range(4)
        ),
        identities=(Identity(name=f"identity-{number}", signed_in=3),),
        storage=tuple(Storage(name=f"store{number}{one}") for one in range(3)),
        automation=(
            (AutomationAccount(name="jobs", credentials={"backup": "svc-backup"}),)
            if number == 0
            else ()
        ),
    )
