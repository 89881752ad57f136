"""One directory, made into the objects that Graph shows of it."""

from collections.abc import Callable

from nhiscan_sandbox.azure.catalogue import OFFERED, RESOURCES, SCOPES, permission_id
from nhiscan_sandbox.azure.credentials import Credentials, federated, thumbprint
from nhiscan_sandbox.azure.guids import guid, is_guid
from nhiscan_sandbox.azure.moments import Calendar
from nhiscan_sandbox.azure.principals import (
    all_principals,
    application_id,
    object_id,
    owner_organization,
)
from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.azure_model import Application, Directory, Principal, User

_PLANS = {
    "free": (),
    "p1": ("41781fb2-bc02-4b7c-bd55-b576c07bb09d",),
    "p2": (
        "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
        "eec0eb4f-6444-4f95-aba0-50c24d67f998",
    ),
}
USER, GROUP = "#microsoft.graph.user", "#microsoft.graph.group"
PRINCIPAL, APPLICATION = "#microsoft.graph.servicePrincipal", "#microsoft.graph.application"
AGENT = "#microsoft.graph.agentIdentity"
BLUEPRINT = "#microsoft.graph.agentIdentityBlueprint"
BLUEPRINT_PRINCIPAL = "#microsoft.graph.agentIdentityBlueprintPrincipal"


class Tenant:
    """The people, groups, applications and service principals of one directory.

    `objects` has all of them by id, each with its `@odata.type`; `named` finds an id by the name
    that the estate uses. Relations map an object's id to the ids of others.
    """

    def __init__(self, directory: Directory, calendar: Calendar, canaries: Canaries) -> None:
        self.directory = directory
        self.calendar = calendar
        self.canaries = canaries
        self._kept: dict[object, list[Json]] = {}
        self._by_app: dict[str, Json] = {}
        self._credentials = Credentials(calendar, canaries)
        self._ids: dict[str, str] = {}
        self.objects: dict[str, Json] = {}
        self.owners: dict[str, list[str]] = {}
        self.sponsors: dict[str, list[str]] = {}
        self.members: dict[str, list[str]] = {}
        self.managers: dict[str, str] = {}
        self.federated: dict[str, list[Json]] = {}
        self.sources: list[tuple[str, Principal]] = []
        self._make_people()
        self._make_principals()
        self._make_agents()
        self._make_applications()
        self._relate()

    @property
    def id(self) -> str:
        """The directory's id."""
        return self.directory.id

    @property
    def organization(self) -> Json:
        """Write the directory itself."""
        one = self.directory
        return {
            "id": one.id,
            "displayName": one.name,
            "createdDateTime": self.calendar.ago(1500),
            "tenantType": "AAD",
            "technicalNotificationMails": list(one.technical),
            "securityComplianceNotificationMails": list(one.security),
            "verifiedDomains": [
                {"name": name, "isDefault": not position, "isInitial": False, "type": "Managed"}
                for position, name in enumerate(one.domains)
            ],
            "assignedPlans": [
                {
                    "assignedDateTime": self.calendar.ago(700),
                    "capabilityStatus": "Enabled",
                    "service": "AADPremiumService",
                    "servicePlanId": plan,
                }
                for plan in _PLANS[one.licence]
            ],
        }

    def of_type(self, *types: str) -> list[Json]:
        """Return all objects of some types, in the order in which they were made."""
        return [one for one in self.objects.values() if one["@odata.type"] in types]

    def named(self, name: str) -> str:
        """Find an object's id by name; an id stands for itself, even of something deleted."""
        found = self._ids.get(name.lower())
        if found:
            return found
        if is_guid(name):
            return name.lower()
        raise ValueError(f"directory {self.directory.name}: there is no {name!r}")

    def application(self, name: str) -> str:
        """Find a registration's object id by its name."""
        found = self._ids.get(f"application {name}".lower())
        if found:
            return found
        return self.named(name)

    def resource(self, name: str) -> str:
        """Find the service principal of a resource by its short name or by its own."""
        return self.named(RESOURCES[name][1] if name in RESOURCES else name)

    def principal_of(self, app_id: str) -> Json | None:
        """Find the service principal of an application here."""
        return self._by_app.get(app_id.lower())

    def once(self, make: Callable[["Tenant"], list[Json]]) -> list[Json]:
        """Return the rows that `make` makes of this directory, which never change."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return self._kept[make]

    def _add(self, name: str, made: Json) -> None:
        self.objects[made["id"]] = made
        self._ids.setdefault(name.lower(), made["id"])
        if made["@odata.type"] in (PRINCIPAL, AGENT, BLUEPRINT_PRINCIPAL):
            self._by_app[made["appId"]] = made

    def _make_people(self) -> None:
        for user in self.directory.users:
            self._add(user.upn, self._user(user))
        for group in self.directory.groups:
            made = {"@odata.type": GROUP, "id": guid("group", self.id, group.name)}
            self._add(group.name, made | {"displayName": group.name, "isAssignableToRole": True})

    def _user(self, user: User) -> Json:
        return {
            "@odata.type": USER,
            "id": guid("user", self.id, user.upn),
            "displayName": user.name,
            "userPrincipalName": user.upn,
            "mail": user.mail or (None if user.guest else user.upn),
            "accountEnabled": user.enabled,
            "userType": "Guest" if user.guest else "Member",
            "createdDateTime": self.calendar.ago(user.age, user.upn),
        }

    def _make_principals(self) -> None:
        blueprints = {one.name for one in self.directory.applications if one.blueprint}
        for one in all_principals(self.directory):
            made = self._principal(one)
            if one.name in blueprints:
                made["@odata.type"] = BLUEPRINT_PRINCIPAL
            self._add(one.name, made)
            self.sources.append((made["id"], one))

    def _principal(self, one: Principal) -> Json:
        holder = object_id(self.directory, one)
        keys = self._credentials.keys(holder, one.certificates)
        passwords = self._credentials.passwords(holder, one.secrets)
        if one.saml:
            more_keys, more_passwords = self._credentials.saml(holder, one.saml)
            keys, passwords = keys + more_keys, passwords + more_passwords
        foreign = one.home not in (None, self.id)
        return {
            "@odata.type": PRINCIPAL,
            "id": holder,
            "appId": one.app_id,
            "displayName": one.name,
            "appDisplayName": one.name,
            "appOwnerOrganizationId": owner_organization(self.directory, one),
            "servicePrincipalType": one.type,
            "accountEnabled": one.enabled,
            "alternativeNames": list(one.alternative_names),
            "createdDateTime": self.calendar.ago(one.age, holder),
            "passwordCredentials": passwords,
            "keyCredentials": keys,
            "preferredSingleSignOnMode": "saml" if one.saml else None,
            "preferredTokenSigningKeyThumbprint": (
                thumbprint(one.saml, holder) if one.saml else None
            ),
            "notificationEmailAddresses": list(one.notify),
            "replyUrls": list(one.reply_urls),
            "signInAudience": one.audience or ("AzureADMultipleOrgs" if foreign else None),
            "tags": list(one.tags),
            "notes": one.notes,
            "verifiedPublisher": _publisher(one.publisher),
            "appRoleAssignmentRequired": False,
            "createdByAppId": one.created_by_app,
            "disabledByMicrosoftStatus": one.disabled,
            "appRoles": [],
            "oauth2PermissionScopes": [],
        }

    def _make_agents(self) -> None:
        for agent in self.directory.agents:
            identity = guid("agent", self.id, agent.name)
            one = Principal(
                name=agent.name,
                app_id=identity,
                age=agent.age,
                enabled=agent.enabled,
                owners=agent.owners,
                roles=agent.roles,
                signed_in=agent.signed_in,
            )
            app = next(a for a in self.directory.applications if a.name == agent.blueprint)
            blueprint = application_id(self.directory, app.name, app.app_id)
            made = self._principal(one) | {
                "@odata.type": AGENT,
                "id": identity,
                "servicePrincipalType": "ServiceIdentity",
                "agentIdentityBlueprintId": blueprint,
                "createdByAppId": blueprint,
            }
            self._add(agent.name, made)
            self.sources.append((identity, one))

    def _make_applications(self) -> None:
        for app in self.directory.applications:
            self._add(f"application {app.name}", self._application(app))

    def _application(self, app: Application) -> Json:
        holder = guid("registration", self.id, app.name)
        app_id = application_id(self.directory, app.name, app.app_id)
        self.federated[holder] = federated(holder, app.federated)
        return {
            "@odata.type": BLUEPRINT if app.blueprint else APPLICATION,
            "id": holder,
            "appId": app_id,
            "displayName": app.name,
            "createdDateTime": self.calendar.ago(app.age, holder),
            "signInAudience": app.audience,
            "publisherDomain": self.directory.domains[0],
            "verifiedPublisher": _publisher(app.publisher),
            "identifierUris": [f"api://{app_id}"],
            "web": {"redirectUris": [], "homePageUrl": None},
            "spa": {"redirectUris": []},
            "publicClient": {"redirectUris": []},
            "passwordCredentials": self._credentials.passwords(holder, app.secrets),
            "keyCredentials": self._credentials.keys(holder, app.certificates),
            "requiredResourceAccess": [],
            "appRoles": [_offer(app_id, value) for value in app.offers],
            "tags": list(app.tags),
            "notes": app.notes,
            "serviceManagementReference": app.reference,
            "servicePrincipalLockConfiguration": (
                None if app.locked is None else {"isEnabled": app.locked, "allProperties": True}
            ),
            "createdByAppId": app.created_by_app,
            "disabledByMicrosoftStatus": None,
        }

    def _relate(self) -> None:
        for identity, one in self.sources:
            self.owners[identity] = [self.named(owner) for owner in one.owners]
        for app in self.directory.applications:
            identity = self.application(app.name)
            self.owners[identity] = [self.named(owner) for owner in app.owners]
            self.sponsors[identity] = [self.named(one) for one in app.sponsors]
        for agent in self.directory.agents:
            self.sponsors[self.named(agent.name)] = [self.named(one) for one in agent.sponsors]
        for group in self.directory.groups:
            self.members[self.named(group.name)] = [self.named(one) for one in group.members]
        for user in self.directory.users:
            if user.manager:
                self.managers[self.named(user.upn)] = self.named(user.manager)
        self._offer()

    def _offer(self) -> None:
        """Give every resource the permissions that it offers, or that the estate hands out."""
        for app in self.directory.applications:
            if app.principal is not None and app.offers:
                app_id = application_id(self.directory, app.name, app.app_id)
                holder = self.principal_of(app_id)
                if holder is not None:
                    holder["appRoles"] = [_offer(app_id, value) for value in app.offers]
        for short, (app_id, _) in RESOURCES.items():
            holder = self.objects[self.resource(short)]
            handed = {value for _, one in self.sources for value in one.roles.get(short, ())}
            values = sorted(handed | set(OFFERED[short]))
            holder["appRoles"] = [_offer(app_id, value) for value in values]
            holder["oauth2PermissionScopes"] = [_offer(app_id, value) for value in SCOPES]


def _offer(app_id: str, value: str) -> Json:
    return {
        "id": permission_id(app_id, value),
        "value": value,
        "displayName": value,
        "isEnabled": True,
        "allowedMemberTypes": ["Application"],
    }


def _publisher(name: str | None) -> Json:
    return {
        "displayName": name,
        "verifiedPublisherId": str(int(guid("publisher", name)[:6], 16)) if name else None,
        "addedDateTime": None,
    }
