"""Judges the roles of an account: who may become each, who that is, what it may do."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime

from msgspec import Struct, structs

from nhiscan.records import AnyRecord
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.facts import Facts
from nhiscan_providers.aws.reading.becoming import Federated, OpeningReader
from nhiscan_providers.aws.reading.capabilities import Capabilities, CapabilityReader
from nhiscan_providers.aws.reading.classify import Classification, RoleFacts, classify_role
from nhiscan_providers.aws.reading.trust import TrustReading, read_trust
from nhiscan_providers.aws.rows import principals
from nhiscan_providers.aws.sources.authorization import Role

_SERVICE_LINKED = "/aws-service-role/"
# Issuers that roles may trust without a provider in the account (IAM User Guide, Principal).
_BUILT_IN = frozenset(
    {
        "accounts.google.com", "graph.facebook.com", "www.amazon.com",
        "cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com.cn",
        "cognito-identity-us-gov.amazonaws.com",
    }
)  # fmt: skip
# IAM Identity Center makes and removes its own provider and roles together.
_IDENTITY_CENTER = ":saml-provider/AWSSSO_"


class Judged(Struct, frozen=True):
    """One role with all that was found of it."""

    role: Role
    trust: list[TrustReading]
    powers: Capabilities
    class_: Classification
    service_linked: bool


class Roles:
    """All roles of an account whose facts are complete."""

    def __init__(self, access: Access, facts: Facts, organization: str | None) -> None:
        self._access = access
        self._facts = facts
        self._organization = organization
        self._oidc = {one.arn.lower() for one in facts.oidc}
        self._saml = {one.arn for one in facts.saml}
        self.judged: list[Judged] = []

    def judge(self, reader: CapabilityReader, people: Collection[str]) -> None:
        """Read trust and powers and class each role; `people` are ARNs of human users."""
        details = self._facts.details
        for role in details.roles.values():
            if not details.ready(role):
                continue
            linked = role.path.startswith(_SERVICE_LINKED)
            trust = self._trust(role)
            powers = reader.read(
                details.policies_of(role), details.boundary_of(role), service_linked=linked
            )
            class_ = classify_role(
                RoleFacts(
                    name=role.name, path=role.path, tags=role.tags, trust=trust, people=people
                )
            )
            self.judged.append(Judged(role, trust, powers, class_, linked))

    def federated(self) -> list[Federated]:
        """List the roles that whoever writes a SAML provider of the account could become.

        Not those of Identity Center: whether its own provider can be written is not documented.
        """
        return [
            Federated(arn, one.role.arn)
            for one in self.judged
            for reading in one.trust
            if reading.principal_kind == "saml"
            and reading.verdict != "broken"
            and (arn := self._provider(reading))
            and _IDENTITY_CENTER not in arn
        ]

    def services(self) -> set[str]:
        """List the services that roles trust, as written."""
        return {
            reading.principal
            for one in self.judged
            for reading in one.trust
            if reading.principal_kind == "service"
        }

    def rows(self, now: datetime, reader: OpeningReader) -> Iterator[AnyRecord]:
        """Yield everything about each role."""
        details = self._facts.details
        for one in self.judged:
            profiles = one.role.instance_profiles
            facts = {"instance_profiles": profiles or None}
            yield principals.identity(one.role, "role", one.class_, one.powers, True, facts)
            yield from principals.grants(one.role, one.powers, self._access.account)
            policies, boundary = details.policies_of(one.role), details.boundary_of(one.role)
            found = reader.read(policies, boundary, service_linked=one.service_linked)
            yield from principals.openings(one.role, found)
            yield from principals.trusts(one.role, one.trust)
            yield from principals.federated(one.role, one.trust)
            yield principals.role_usage(one.role, now, service_linked=one.service_linked)

    def trusted(self) -> Counter[str]:
        """Count the roles that trust each identity provider, by its ARN as installed."""
        installed = {one.arn.lower(): one.arn for one in (*self._facts.oidc, *self._facts.saml)}
        counts: Counter[str] = Counter()
        for one in self.judged:
            arns = {arn for reading in one.trust if (arn := self._provider(reading))}
            counts.update(installed.get(arn.lower(), arn) for arn in arns)
        return counts

    def _trust(self, role: Role) -> list[TrustReading]:
        readings = read_trust(
            role.trust,
            account=self._access.account,
            partition=self._access.partition,
            organization=self._organization,
        )
        return [self._checked(one) for one in readings]

    def _checked(self, reading: TrustReading) -> TrustReading:
        """Call broken what trusts an identity provider that is not there."""
        arn = self._provider(reading)
        if arn is None or reading.verdict == "broken" or _IDENTITY_CENTER in arn:
            return reading
        saml = reading.principal_kind == "saml"
        source = self._facts.saml_reading if saml else self._facts.oidc_reading
        if not source.complete or arn in self._saml or arn.lower() in self._oidc:
            return reading
        reason = f"the identity provider it trusts is not in the account ({arn}); were it made"
        return structs.replace(
            reading, verdict="broken", reason=f"{reason} again: {reading.reason}"
        )

    def _provider(self, reading: TrustReading) -> str | None:
        """Name the provider in this account that a trust needs; null if it needs none."""
        if reading.principal_kind == "saml":
            return reading.principal if self._own(reading.principal) else None
        host = (reading.issuer or "").removeprefix("https://")
        if not host or host.lower() in _BUILT_IN:
            return None
        return f"arn:{self._access.partition}:iam::{self._access.account}:oidc-provider/{host}"

    def _own(self, arn: str) -> bool:
        return arn.split(":")[4:5] == [self._access.account]
