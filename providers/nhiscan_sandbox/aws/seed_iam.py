"""Puts an account's IAM into moto, through its models: dates and ids cannot be set by API."""

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from nhiscan_sandbox.aws.callers import iam
from nhiscan_sandbox.aws.moto import models
from nhiscan_sandbox.estate.model import Account, Inline, Key, Role, SamlProvider, Statement, User
from nhiscan_sandbox.estate.stable import stable_id

_REGION = "us-east-1"


class IamSeed:
    """Fills the IAM backend of one account."""

    def __init__(self, account: Account, named: dict[str, list[Statement]], now: datetime) -> None:
        self._account = account
        self._named = named
        self._id = account.id
        self._now = now
        self._backend = iam(account.id)

    def fill(self) -> None:
        """Create policies, providers, groups, users and roles, each before what needs it."""
        for name, statements in self._account.policies.items():
            self._own_policy(name, statements)
        for oidc in self._account.oidc:
            provider = self._backend.create_open_id_connect_provider(
                f"https://{oidc.url}", ["1" * 40], list(oidc.clients), []
            )
            provider.create_date = self._ago(oidc.age)
        for saml in self._account.saml:
            self._saml(saml)
        for group in self._account.groups:
            made = self._backend.create_group(group.name)
            made.id = self._stable("AGPA", group.name)
            made.create_date = self._ago(self._account.age)
            self._bind(made, group.policies, group.inline)
        for user in self._account.users:
            self._user(user)
        for role in self._account.roles:
            self._role(role)

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    def _stable(self, prefix: str, *parts: str) -> str:
        return stable_id(prefix, self._id, *parts)

    def _own_policy(self, name: str, statements: list[Statement]) -> None:
        made = models("iam").ManagedPolicy(
            name,
            account_id=self._id,
            region=_REGION,
            document=document(statements),
            create_date=self._ago(self._account.age),
            update_date=self._ago(self._account.age),
        )
        made.id = self._stable("ANPA", name)
        self._backend.managed_policies[made.arn] = made

    def _policy(self, name: str) -> Any:
        """Return a policy of the account's own, or an AWS managed one, loaded when first used."""
        own = self._backend.managed_policies.get(f"arn:aws:iam::{self._id}:policy/{name}")
        if own is not None:
            return own
        kind = models("iam").AWSManagedPolicy
        made = kind.from_data(name, self._id, _REGION, _aws_managed()[name])
        if made.arn not in self._backend.managed_policies:
            made.id = stable_id("ANPA", name)
            self._backend.aws_managed_policies.append(made)
            self._backend.managed_policies[made.arn] = made
        return self._backend.managed_policies[made.arn]

    def _boundary(self, name: str | None) -> str | None:
        return self._policy(name).arn if name else None

    def _bind(self, holder: Any, policies: tuple[str, ...], inline: Inline) -> None:
        for name in policies:
            self._policy(name).attach_to(holder)
        for name, written in inline.items():
            statements = self._named[written] if isinstance(written, str) else written
            holder.put_policy(name, document(statements))

    def _user(self, user: User) -> None:
        tags = [{"Key": key, "Value": value} for key, value in user.tags.items()]
        made = self._backend.create_user(_REGION, user.name, user.path, tags)
        made.id = self._stable("AIDA", user.name)
        made.create_date = self._ago(user.age)
        made.permissions_boundary_arn = self._boundary(user.boundary)
        self._bind(made, user.policies, user.inline)
        for group in user.groups:
            self._backend.add_user_to_group(group, user.name)
        for number, key in enumerate(user.keys):
            self._key(made, key, number)
        if user.password:
            made.password = "unknown to everybody"  # noqa: S105 it opens nothing
            made.password_changed = self._ago(user.password.age)
            used = user.password.used
            made.password_last_used = None if used is None else self._ago(used)
            if user.password.mfa:
                made.enable_mfa_device(f"arn:aws:iam::{self._id}:mfa/{user.name}", "0", "0")
        for number, ssh in enumerate(user.ssh_keys):
            public = made.upload_ssh_public_key(f"ssh-ed25519 AAAA{number} {user.name}")
            public.ssh_public_key_id = self._stable("APKA", user.name, str(number))
            public.status, public.upload_date = ssh.status, self._ago(ssh.age)
        self._certificates(made, user)

    def _certificates(self, made: Any, user: User) -> None:
        for number, certificate in enumerate(user.certificates):
            name = self._stable("ASCA", user.name, str(number))
            signing = models("iam").SigningCertificate(name, user.name, "not a certificate")
            signing.status = certificate.status
            signing.upload_date = self._ago(certificate.age)
            made.signing_certificates[name] = signing

    def _key(self, user: Any, key: Key, number: int) -> None:
        made = user.create_access_key("AKIA", key.status)
        made.access_key_id = self._stable("AKIA", user.name, str(number))[:20]
        made.create_date = self._ago(key.age)
        if key.used is not None:
            made.last_used = models("iam").AccessKeyLastUsed(
                self._ago(key.used), key.service, key.region
            )
        self._backend.access_keys[made.access_key_id] = made

    def _role(self, role: Role) -> None:
        made = models("iam").Role(
            account_id=self._id,
            partition="aws",
            role_id=self._stable("AROA", role.name),
            name=role.name,
            assume_role_policy_document=document(trust_statements(role.trust)),
            path=f"/aws-service-role/{role.linked_service}/" if role.linked_service else role.path,
            permissions_boundary=self._boundary(role.boundary),
            description=role.description,
            tags=[{"Key": key, "Value": value} for key, value in role.tags.items()],
            max_session_duration="3600",
            linked_service=role.linked_service,
        )
        made.create_date = self._ago(role.age)
        if role.used is not None:
            made.last_used = self._ago(role.used)
            made.last_used_region = role.used_region
        self._bind(made, role.policies, role.inline)
        self._backend.roles[made.id] = made
        if role.instance_profile:
            profile = models("iam").InstanceProfile(
                account_id=self._id,
                region_name=_REGION,
                instance_profile_id=self._stable("AIPA", role.name),
                name=role.name,
                path="/",
                roles=[made],
                tags=[],
            )
            profile.create_date = made.create_date
            self._backend.instance_profiles[role.name] = profile

    def _saml(self, saml: SamlProvider) -> None:
        metadata = (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'entityID="{saml.entity}"><IDPSSODescriptor><KeyDescriptor use="signing"><KeyInfo '
            f'xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
            f"{stable_id('MII', saml.entity, length=30)}</X509Certificate></X509Data></KeyInfo>"
            f"</KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"
        )
        made = self._backend.create_saml_provider(saml.name, metadata)
        made.create_date = self._ago(saml.age)
        made.valid_until = self._ago(-saml.valid)


def document(statements: list[Statement]) -> str:
    """Write a policy document; a statement without Effect allows, without Resource covers all."""
    full = []
    for statement in statements:
        whole = {"Effect": "Allow"} | statement
        if not {"Principal", "NotPrincipal", "Resource", "NotResource"} & whole.keys():
            whole["Resource"] = "*"
        full.append(whole)
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def trust_statements(statements: list[Statement]) -> list[Statement]:
    """Add to each trust statement the action that its kind of principal uses."""
    return [{"Action": _trust_action(statement)} | statement for statement in statements]


def _trust_action(statement: Statement) -> str:
    principal = statement.get("Principal")
    federated = principal.get("Federated", "") if isinstance(principal, dict) else ""
    if not federated:
        return "sts:AssumeRole"
    saml = ":saml-provider/" in str(federated)
    return "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"


@cache
def _aws_managed() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return policies
