"""What is kept of Microsoft Graph's objects."""

from typing import Any

from msgspec import field

from nhiscan_providers.azure.shapes.parsing import Digest, Id, Sent


class Password(Sent, frozen=True):
    """A client secret: never its text."""

    key_id: str | None = None
    display_name: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None
    custom_key_identifier: str | None = None


class Key(Sent, frozen=True):
    """A certificate; `key` is null in a list that did not ask for it by name."""

    key_id: str | None = None
    display_name: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None
    custom_key_identifier: str | None = None
    usage: str | None = None
    type: str | None = None
    key: Digest | None = None


class Publisher(Sent, frozen=True):
    """A publisher that Microsoft verified."""

    display_name: str | None = None
    verified_publisher_id: str | None = None


class RoleName(Sent, frozen=True):
    """A permission that a resource offers: an app role or a delegated scope."""

    id: str | None = None
    value: str | None = None


class Lock(Sent, frozen=True):
    """Whether other directories may add credentials to their copy of an application."""

    is_enabled: bool | None = None


class Application(Sent, frozen=True):
    """An app registration, or the blueprint of AI agents."""

    id: Id
    odata_type: str | None = field(name="@odata.type", default=None)
    app_id: str | None = None
    display_name: str | None = None
    created_date_time: str | None = None
    sign_in_audience: str | None = None
    publisher_domain: str | None = None
    verified_publisher: Publisher | None = None
    password_credentials: list[Password] | None = None
    key_credentials: list[Key] | None = None
    app_roles: list[RoleName] | None = None
    tags: list[str] | None = None
    notes: str | None = None
    service_management_reference: str | None = None
    service_principal_lock_configuration: Lock | None = None
    created_by_app_id: str | None = None
    disabled_by_microsoft_status: str | None = None


class Principal(Sent, frozen=True):
    """A service principal of any type."""

    id: Id
    odata_type: str | None = field(name="@odata.type", default=None)
    app_id: str | None = None
    app_display_name: str | None = None
    display_name: str | None = None
    app_owner_organization_id: str | None = None
    service_principal_type: str | None = None
    account_enabled: bool | None = None
    alternative_names: list[str] | None = None
    created_date_time: str | None = None
    password_credentials: list[Password] | None = None
    key_credentials: list[Key] | None = None
    preferred_single_sign_on_mode: str | None = None
    preferred_token_signing_key_thumbprint: str | None = None
    notification_email_addresses: list[str] | None = None
    reply_urls: list[str] | None = None
    sign_in_audience: str | None = None
    tags: list[str] | None = None
    notes: str | None = None
    verified_publisher: Publisher | None = None
    app_role_assignment_required: bool | None = None
    created_by_app_id: str | None = None
    disabled_by_microsoft_status: str | None = None
    agent_identity_blueprint_id: str | None = None


class Owner(Sent, frozen=True):
    """An owner, sponsor or member: a user, a group or a service principal."""

    id: Id
    odata_type: str | None = field(name="@odata.type", default=None)
    display_name: str | None = None
    user_principal_name: str | None = None
    mail: str | None = None
    account_enabled: bool | None = None
    user_type: str | None = None
    app_id: str | None = None


class Federated(Sent, frozen=True):
    """A federated credential of an application."""

    id: str | None = None
    name: str | None = None
    issuer: str | None = None
    subject: str | None = None
    audiences: list[str] | None = None
    claims_matching_expression: Any = None


class Expanded(Sent, frozen=True):
    """An object of a list with one relation expanded, which stops at about twenty."""

    id: Id
    owners: list[Owner] | None = None
    sponsors: list[Owner] | None = None
    federated_identity_credentials: list[Federated] | None = None


class Offered(Sent, frozen=True):
    """The permissions that a resource offers."""

    id: Id
    app_id: str | None = None
    app_roles: list[RoleName] | None = None
    oauth2_permission_scopes: list[RoleName] | None = None


class Assignment(Sent, frozen=True):
    """An app role held by a principal."""

    principal_id: str | None = None
    principal_type: str | None = None
    resource_id: str | None = None
    resource_display_name: str | None = None
    app_role_id: str | None = None
    created_date_time: str | None = None


class Consent(Sent, frozen=True):
    """Delegated permissions that a client application holds at a resource."""

    client_id: str | None = None
    resource_id: str | None = None
    consent_type: str | None = None
    scope: str | None = None


class DirectoryAssignment(Sent, frozen=True):
    """A directory role held by a principal, durably or as eligible."""

    principal_id: str | None = None
    role_definition_id: str | None = None
    directory_scope_id: str | None = None
    app_scope_id: str | None = None
    end_date_time: str | None = None
    principal: Owner | None = None


class DirectoryRole(Sent, frozen=True):
    """The definition of a directory role."""

    id: Id
    display_name: str | None = None
    template_id: str | None = None
    is_built_in: bool | None = None
    is_privileged: bool | None = None


class Actor(Sent, frozen=True):
    """A user or application in an audit event or a request."""

    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None
    app_id: str | None = None
    service_principal_id: str | None = None


class Initiator(Sent, frozen=True):
    """Who began something: a user or an application."""

    user: Actor | None = None
    app: Actor | None = None
    application: Actor | None = None


class Target(Sent, frozen=True):
    """What an audit event is about."""

    id: str | None = None
    type: str | None = None


class Audited(Sent, frozen=True):
    """An event of the directory's audit log."""

    activity_date_time: str | None = None
    activity_display_name: str | None = None
    result: str | None = None
    initiated_by: Initiator | None = None
    target_resources: list[Target] | None = None


class Ticket(Sent, frozen=True):
    """The ticket under which something was asked for."""

    ticket_number: str | None = None
    ticket_system: str | None = None


class Request(Sent, frozen=True):
    """A request for a directory role."""

    principal_id: str | None = None
    action: str | None = None
    status: str | None = None
    created_date_time: str | None = None
    created_by: Initiator | None = None
    ticket_info: Ticket | None = None


class Activity(Sent, frozen=True):
    """One last sign-in."""

    last_sign_in_date_time: str | None = None


class SignIn(Sent, frozen=True):
    """The last sign-ins of an application, in four ways and over all of them."""

    app_id: str | None = None
    last_sign_in_activity: Activity | None = None
    application_authentication_client_sign_in_activity: Activity | None = None
    application_authentication_resource_sign_in_activity: Activity | None = None
    delegated_client_sign_in_activity: Activity | None = None
    delegated_resource_sign_in_activity: Activity | None = None


class CredentialSignIn(Sent, frozen=True):
    """The last use of one secret or certificate."""

    key_id: str | None = None
    app_id: str | None = None
    app_object_id: str | None = None
    service_principal_object_id: str | None = None
    credential_origin: str | None = None
    sign_in_activity: Activity | None = None


class Plan(Sent, frozen=True):
    """A licence's service plan of the directory."""

    service_plan_id: str | None = None
    capability_status: str | None = None


class Domain(Sent, frozen=True):
    """A domain that the directory verified."""

    name: str | None = None
    is_default: bool | None = None


class Organization(Sent, frozen=True):
    """The directory itself."""

    id: Id
    display_name: str | None = None
    verified_domains: list[Domain] | None = None
    assigned_plans: list[Plan] | None = None
    technical_notification_mails: list[str] | None = None
    security_compliance_notification_mails: list[str] | None = None


class Person(Sent, frozen=True):
    """A user account, with its manager where that was asked for."""

    id: Id
    display_name: str | None = None
    user_principal_name: str | None = None
    mail: str | None = None
    account_enabled: bool | None = None
    user_type: str | None = None
    created_date_time: str | None = None
    manager: Owner | None = None


class Partner(Sent, frozen=True):
    """Another directory in the cross-tenant policy."""

    tenant_id: str | None = None
    is_service_provider: bool | None = None


class Customer(Sent, frozen=True):
    """The customer of a delegated admin relationship."""

    tenant_id: str | None = None
    display_name: str | None = None


class UnifiedRole(Sent, frozen=True):
    """A directory role by the id of its definition."""

    role_definition_id: str | None = None


class AccessDetails(Sent, frozen=True):
    """The roles that a relationship or a group in it was given."""

    unified_roles: list[UnifiedRole] | None = None


class Container(Sent, frozen=True):
    """The partner's group whose members hold the roles."""

    access_container_id: str | None = None
    access_container_type: str | None = None


class AccessAssignment(Sent, frozen=True):
    """Roles of a relationship, given to one of the partner's groups."""

    id: str | None = None
    status: str | None = None
    access_container: Container | None = None
    access_details: AccessDetails | None = None


class Relationship(Sent, frozen=True):
    """A delegated admin relationship (GDAP), as the partner sees it."""

    id: Id
    odata_type: str | None = field(name="@odata.type", default=None)
    display_name: str | None = None
    status: str | None = None
    duration: str | None = None
    auto_extend_duration: str | None = None
    created_date_time: str | None = None
    activated_date_time: str | None = None
    end_date_time: str | None = None
    indirect_provider_tenant_id: str | None = None
    customer: Customer | None = None
    access_details: AccessDetails | None = None
