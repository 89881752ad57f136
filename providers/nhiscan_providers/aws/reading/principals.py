"""Names who a Principal element lets in: every form that IAM accepts, in every partition."""

import re
from collections.abc import Iterable

from msgspec import Struct

from nhiscan.records import PrincipalKind
from nhiscan_providers.aws.reading.documents import Principals
from nhiscan_providers.aws.reading.patterns import everything, is_wild

_ACCOUNT = re.compile(r"\d{12}")
# IAM User Guide, IAM identifiers, Understanding unique ID prefixes: AIDA a user, AROA a role.
# IAM shows the id in place of the ARN once the principal is deleted.
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,128}")
# IAM User Guide, Available keys for AWS web identity federation; accounts.google.com also signs for
# Google service accounts, which `federation` tells apart.
_END_USERS = frozenset(
    {
        "cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com.cn",
        "cognito-identity-us-gov.amazonaws.com", "www.amazon.com", "graph.facebook.com",
        "accounts.google.com",
    }
)  # fmt: skip


class Principal(Struct, frozen=True):
    """One principal. `name` is canonical: an account is always written as its root ARN.

    `native_id` is set when it is one identity: the ARN of a user or role. `issuer` is the token's
    `iss` claim for OIDC providers, without its trailing slash. `trouble` says why IAM never
    matches it, or null.
    """

    kind: PrincipalKind
    name: str
    account: str | None = None
    native_id: str | None = None
    issuer: str | None = None
    trouble: str | None = None


def principals(element: Principals, partition: str) -> tuple[Principal, ...]:
    """Read a Principal element; equal principals in two spellings are one."""
    found = (_principal(kind, text, partition) for kind, text in element.pairs)
    return tuple(dict.fromkeys(found))


def arn_principal(arn: str) -> Principal | None:
    """Read the ARN of a user, role, session or account, as aws:PrincipalArn holds; null if none."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] not in ("iam", "sts"):
        return None
    if not _ACCOUNT.fullmatch(parts[4]):
        return None
    account, (kind, _, name) = parts[4], parts[5].partition("/")
    if parts[5] == "root":
        return Principal("account", arn, account)
    if kind in ("user", "role") and name:
        return Principal("user" if kind == "user" else "role", arn, account, arn)
    if kind == "assumed-role" and name:
        # A session's ARN lacks the role's path. Names of roles are unique within an account, so
        # this ARN names the role exactly unless it has a path.
        role = f"arn:{parts[1]}:iam::{account}:role/{name.partition('/')[0]}"
        return Principal("role", arn, account, role)
    if kind == "federated-user" and name:
        return Principal("identity", arn, account)
    return None


def account_principal(account: str, partition: str) -> Principal:
    """Name a whole account."""
    return Principal("account", f"arn:{partition}:iam::{account}:root", account)


def is_account(text: str) -> bool:
    """Tell whether the text is an account id."""
    return _ACCOUNT.fullmatch(text) is not None


def within(element: Principals, account: str | None, names: Iterable[str]) -> bool:
    """Tell whether a principal of `account` known by any of `names` surely is in the element."""
    known = set(names)
    for kind, text in element.pairs:
        if everything(text) and kind.lower() in ("*", "aws"):
            return True
        if text in known:
            return True
        if account is not None and (text == account or text.endswith(f":iam::{account}:root")):
            return True
    return False


def _principal(kind: str, text: str, partition: str) -> Principal:
    match kind.lower():
        case "*":
            return Principal("public", "*")
        case "aws":
            return _aws(text, partition)
        case "service":
            return Principal("service", text)
        case "federated":
            return _federated(text)
        case "canonicaluser":
            # An S3 canonical user id: an account, but nothing tells which.
            return Principal("account", text)
    return Principal("unknown", text, trouble=f"IAM knows no principals of the type {kind}")


def _aws(text: str, partition: str) -> Principal:
    if everything(text):
        return Principal("public", "*")
    if is_account(text):
        return account_principal(text, partition)
    if _UNIQUE_ID.fullmatch(text):
        return Principal("deleted", text)
    if is_wild(text):
        trouble = "a wildcard inside a principal never matches (IAM, element Principal)"
        return Principal("unknown", text, trouble=trouble)
    return arn_principal(text) or Principal("unknown", text)


def _federated(text: str) -> Principal:
    if text.lower() in _END_USERS:
        return Principal("end_users", text, issuer=f"https://{text.lower()}")
    parts = text.split(":", 5)
    kind, _, name = parts[5].partition("/") if len(parts) == 6 else ("", "", "")
    if kind == "saml-provider" and name:
        return Principal("saml", text)
    if kind == "oidc-provider" and name:
        issuer = f"https://{name.rstrip('/')}"
        # a user pool of Cognito signs tokens for the users of an app
        users = re.match(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com", name.lower())
        return Principal("end_users" if users else "oidc", text, issuer=issuer)
    return Principal("unknown", text)
