"""The one table of calls: what is called, why, with which permission, for which source.

The calls that the adapter can make, its coverage sources and the policies that `nhiscan
permissions aws` prints all derive from it: an operation that is not listed cannot be called.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from msgspec import Struct

from nhiscan.provider import Call, Source, Title, describe
from nhiscan_providers.aws.premises import PREMISES

Party = Literal["account", "payer", "scanner"]


class Operation(Struct, frozen=True, kw_only=True):
    """One operation of the AWS API.

    `service` is botocore's name of it, `needs` the permission (default: `service:name`), `party`
    who must have it: every scanned account, the organization's payer, or the scanner's own
    principal. A reply without the member `expects` is not a whole reply.
    """

    source: str
    service: str
    name: str
    why: str
    needs: str | None = None
    party: Party = "account"
    expects: str | None = None

    @property
    def permission(self) -> str:
        """The IAM action that allows it."""
        return self.needs or f"{self.service}:{self.name}"


def _read(source: str, why: str, *names: str, service: str = "iam", **more: str) -> list[Operation]:
    return [
        Operation(source=source, service=service, name=name, why=why, expects=more.get("expects"))
        for name in names
    ]


def _org(source: str, name: str, expects: str, why: str) -> Operation:
    return Operation(
        source=source,
        service="organizations",
        name=name,
        why=why,
        party="payer",
        expects=expects,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        source="sts.identity",
        service="sts",
        name="AssumeRole",
        why="enters each account through the role that its owner made for nhiscan",
        party="scanner",
        expects="Credentials",
    ),
    *_read(
        "sts.identity",
        "proves that the account entered is the account meant",
        "GetCallerIdentity",
        service="sts",
        expects="Account",
    ),
    _org(
        "organizations.accounts", "DescribeOrganization", "Organization", "names the organization"
    ),
    _org("organizations.accounts", "ListAccounts", "Accounts", "lists the member accounts"),
    _org("organizations.accounts", "ListRoots", "Roots", "starts the tree of units"),
    _org(
        "organizations.accounts",
        "ListOrganizationalUnitsForParent",
        "OrganizationalUnits",
        "walks the tree of units",
    ),
    _org(
        "organizations.accounts",
        "ListAccountsForParent",
        "Accounts",
        "finds each account's unit where ListAccounts does not give it",
    ),
    _org("organizations.policies", "ListPolicies", "Policies", "lists service control policies"),
    _org("organizations.policies", "DescribePolicy", "Policy", "reads what each policy forbids"),
    _org("organizations.policies", "ListTargetsForPolicy", "Targets", "tells whom it binds"),
    *_read(
        "iam.authorization_details",
        "reads users, roles, groups, policies, trust and last use of roles in bulk",
        "GetAccountAuthorizationDetails",
        expects="IsTruncated",
    ),
    *_read(
        "iam.credential_report",
        "has AWS compile all passwords, keys and certificates with their last use",
        "GenerateCredentialReport",
        expects="State",
    ),
    *_read(
        "iam.credential_report", "fetches that report", "GetCredentialReport", expects="Content"
    ),
    *_read(
        "iam.service_specific_credentials",
        "lists Bedrock, CloudWatch, CodeCommit and Keyspaces credentials, which no report has",
        "ListServiceSpecificCredentials",
    ),
    *_read(
        "iam.access_keys",
        "gives the last four characters of keys that have a finding",
        "ListAccessKeys",
    ),
    *_read(
        "iam.ssh_keys",
        "lists the SSH keys of users who may use CodeCommit",
        "ListSSHPublicKeys",
    ),
    *_read(
        "iam.oidc_providers",
        "lists the outside issuers that roles may trust",
        "ListOpenIDConnectProviders",
    ),
    *_read(
        "iam.oidc_providers",
        "reads an issuer's audiences and age",
        "GetOpenIDConnectProvider",
        expects="Url",
    ),
    *_read(
        "iam.saml_providers",
        "lists the SAML providers that roles may trust",
        "ListSAMLProviders",
    ),
    *_read(
        "iam.saml_providers",
        "reads a provider's certificate to find it in other accounts; only a hash is kept",
        "GetSAMLProvider",
        expects="SAMLMetadataDocument",
    ),
    *_read(
        "iam.account_summary",
        "tells whether the root user has access keys and MFA",
        "GetAccountSummary",
        expects="SummaryMap",
    ),
    *_read(
        "secretsmanager.secrets",
        "lists secrets by name, rotation and last read; never their values",
        "ListSecrets",
        service="secretsmanager",
        expects="SecretList",
    ),
    *_read(
        "ssm.parameters",
        "lists encrypted parameters by name and last writer; never their values",
        "DescribeParameters",
        service="ssm",
        expects="Parameters",
    ),
    *_read(
        "cloudtrail.creators",
        "finds who created identities and keys in the last 90 days",
        "LookupEvents",
        service="cloudtrail",
        expects="Events",
    ),
    *_read(
        "account.contacts",
        "reads the security and operations contacts of the account",
        "GetAlternateContact",
        service="account",
        expects="AlternateContact",
    ),
    *_read(
        "ec2.regions",
        "tells which regions are switched on",
        "DescribeRegions",
        service="ec2",
        expects="Regions",
    ),
)

TITLES: Mapping[str, Title] = {
    "sts.identity": Title(
        title="Entry into the account", feeds=(), blind="anything about the account"
    ),
    "organizations.accounts": Title(
        title="Organization and its accounts",
        feeds=("account",),
        blind="which accounts exist beside those already known",
    ),
    "organizations.policies": Title(
        title="Service control policies",
        feeds=(),
        blind="what the organization forbids, so whether a permission is in force",
    ),
    "iam.authorization_details": Title(
        title="Users, roles, policies and trust",
        feeds=("identity", "grant", "trust", "usage", "credential"),
        blind="which users and roles exist, what they may do and who may act as them",
    ),
    "iam.credential_report": Title(
        title="Passwords, access keys and certificates",
        feeds=("identity", "credential", "usage"),
        blind="which keys and passwords exist, how old they are and when they were used",
    ),
    "iam.service_specific_credentials": Title(
        title="Service-specific credentials",
        feeds=("credential", "usage"),
        blind="which Bedrock, CloudWatch, CodeCommit and Keyspaces credentials exist",
    ),
    "iam.access_keys": Title(
        title="Access key ids", feeds=(), blind="the ids of access keys that have a finding"
    ),
    "iam.ssh_keys": Title(
        title="SSH keys",
        feeds=("credential", "usage"),
        blind="which SSH keys exist for CodeCommit",
        optional=True,
    ),
    "iam.oidc_providers": Title(
        title="OpenID Connect providers",
        feeds=("credential",),
        blind="which outside issuers are installed, and whether a trusted one is missing",
    ),
    "iam.saml_providers": Title(
        title="SAML providers",
        feeds=("credential",),
        blind="which SAML providers are installed, and whether a trusted one is missing",
    ),
    "iam.account_summary": Title(
        title="Root user",
        feeds=("identity", "credential"),
        blind="whether the root user has access keys",
    ),
    "secretsmanager.secrets": Title(
        title="Secrets Manager secrets",
        feeds=("identity", "credential", "usage"),
        blind="which secrets are stored, when they were rotated and last read",
        regional=True,
    ),
    "ssm.parameters": Title(
        title="Encrypted parameters",
        feeds=("identity", "credential", "usage", "claim"),
        blind="which encrypted parameters are stored and who last wrote them",
        regional=True,
    ),
    "cloudtrail.creators": Title(
        title="Creators of identities and keys",
        feeds=("claim",),
        blind="who created an identity in the last 90 days",
        sliding=True,
        window_days=90,
    ),
    "account.contacts": Title(
        title="Account contacts", feeds=("claim",), blind="whom the account names as its contacts"
    ),
    "ec2.regions": Title(
        title="Regions switched on", feeds=(), blind="in which regions secrets may be stored"
    ),
}


@cache
def operation(service: str, name: str) -> Operation:
    """Find a listed operation; one that is not listed is a fault of this adapter."""
    return next(one for one in OPERATIONS if (one.service, one.name) == (service, name))


def of_source(source: str) -> tuple[Operation, ...]:
    """List the operations of one source in the order of the table."""
    return tuple(one for one in OPERATIONS if one.source == source)


def sources() -> list[Source]:
    """Describe every source with its calls."""
    return describe(TITLES, _calls, PREMISES)


def _calls(source: str) -> tuple[Call, ...]:
    return tuple(
        Call(name=f"{one.service}:{one.name}", permissions=(one.permission,), why=one.why)
        for one in of_source(source)
    )
