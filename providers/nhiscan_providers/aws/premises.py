"""Which conclusions rest on which source of AWS: without it, only *unknown* can be said."""

from collections.abc import Mapping

from nhiscan.provider import Premise, Topic

USER, ROLE, ROOT = "aws.iam.user", "aws.iam.role", "aws.iam.root"
SECRET, PARAMETER = "aws.secretsmanager.secret", "aws.ssm.parameter"


def _rests(what: str, *pairs: tuple[Topic, str | None]) -> tuple[Premise, ...]:
    return tuple(Premise(topic=topic, native_type=of, what=what) for topic, of in pairs)


# Entry (sts.identity) stands here for nothing on purpose: without it nothing at all can be said.
PREMISES: Mapping[str, tuple[Premise, ...]] = {
    "organizations.accounts": _rests("accounts", ("accounts", None)),
    "iam.authorization_details": _rests(
        "users and roles",
        ("identities", USER),
        ("identities", ROLE),
        ("usage", USER),
        ("usage", ROLE),
        ("credentials", USER),
        ("trusts", ROLE),
        ("privilege", USER),
        ("privilege", ROLE),
    ),
    "ec2.regions": _rests(
        "regions",
        ("identities", SECRET),
        ("identities", PARAMETER),
        ("usage", SECRET),
        ("usage", PARAMETER),
        ("credentials", SECRET),
        ("credentials", PARAMETER),
    ),
    "secretsmanager.secrets": _rests(
        "secrets", ("identities", SECRET), ("usage", SECRET), ("credentials", SECRET)
    ),
    "ssm.parameters": _rests(
        "encrypted parameters",
        ("identities", PARAMETER),
        ("usage", PARAMETER),
        ("credentials", PARAMETER),
    ),
    "cloudtrail.creators": _rests("creators", ("owners", None)),
    "account.contacts": _rests("account contacts", ("owners", None)),
    "iam.credential_report": (
        _rests("last use of passwords and keys", ("usage", USER))
        + _rests("passwords, keys and certificates", ("credentials", USER))
        + _rests("the credential report", ("root", ROOT))
    ),
    "iam.service_specific_credentials": _rests(
        "service-specific credentials", ("usage", USER), ("credentials", USER)
    ),
    "iam.ssh_keys": _rests("SSH keys", ("credentials", USER)),
    "iam.oidc_providers": _rests("OpenID Connect providers", ("credentials", None)),
    "iam.saml_providers": _rests("SAML providers", ("credentials", None)),
    "iam.account_summary": _rests("the account summary", ("root", ROOT)),
    "organizations.policies": _rests("service control policies", ("privilege", None)),
    "iam.access_keys": _rests("ids of access keys", ("key_ids", USER)),
}
