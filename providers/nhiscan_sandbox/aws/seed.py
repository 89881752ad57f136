"""Puts an estate into moto, account by account, replacing what stood there."""

from datetime import datetime, timedelta

from nhiscan_sandbox.aws.moto import models
from nhiscan_sandbox.aws.seed_iam import IamSeed
from nhiscan_sandbox.estate.model import Account, Estate, Parameter, Secret
from nhiscan_sandbox.estate.stable import stable_id


def seed(estate: Estate, now: datetime) -> None:
    """Fill moto's backends with an estate; each of its accounts starts empty."""
    clear(estate)
    for account in estate.accounts:
        IamSeed(account, estate.statements, now).fill()
        for secret in account.secrets:
            _secret(account, secret, now)
        for parameter in account.parameters:
            _parameter(account, parameter, now)
        _contacts(account)


def clear(estate: Estate) -> None:
    """Drop all that moto holds for an estate's accounts; backends are one set per process."""
    for service in ("account", "iam", "secretsmanager", "ssm"):
        backends = getattr(models(service), f"{service}_backends")
        for account in estate.accounts:
            backends.pop(account.id, None)


def _secret(account: Account, secret: Secret, now: datetime) -> None:
    def stamp(days: float | None) -> int | None:
        return None if days is None else int((now - timedelta(days=days)).timestamp())

    made = models("secretsmanager").FakeSecret(
        account_id=account.id,
        region_name=secret.region,
        secret_id=secret.name,
        secret_version={},
        version_id="",
        description=secret.description,
        tags=[{"Key": key, "Value": value} for key, value in secret.tags.items()],
        last_changed_date=stamp(secret.age if secret.changed is None else secret.changed),
        created_date=stamp(secret.age),
    )
    suffix = stable_id("", account.id, secret.region, secret.name, length=6)
    made.arn = f"arn:aws:secretsmanager:{secret.region}:{account.id}:secret:{secret.name}-{suffix}"
    if secret.rotation is not None:
        made.rotation_requested = made.rotation_enabled = True
        made.auto_rotate_after_days = secret.rotation
        made.rotation_lambda_arn = (
            f"arn:aws:lambda:{secret.region}:{account.id}:function:rotate-secrets"
        )
    made.last_rotation_date = stamp(secret.rotated)
    made.last_accessed_date = stamp(secret.accessed)
    backend = models("secretsmanager").secretsmanager_backends[account.id][secret.region]
    backend.secrets[secret.name] = made


def _parameter(account: Account, parameter: Parameter, now: datetime) -> None:
    made = models("ssm").Parameter(
        account_id=account.id,
        name=parameter.name,
        value="not a secret",
        parameter_type=parameter.type,
        description=parameter.description,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=now - timedelta(days=parameter.age),
        version=1,
        data_type="text",
        tier="Standard",
    )
    made.modified_by = parameter.modified_by
    backend = models("ssm").ssm_backends[account.id][parameter.region]
    backend._parameters[parameter.name].append(made)


def _contacts(account: Account) -> None:
    for kind, contact in account.contacts.items():
        models("account").account_backends[account.id]["aws"].put_alternate_contact(
            kind, contact.email, contact.name, contact.phone, contact.title
        )
