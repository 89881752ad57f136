"""Entra ID: discovery, and tokens for applications that prove who they are."""

import base64
import json
from time import time
from urllib.parse import parse_qsl

from nhiscan_sandbox.azure.cloud import Cloud
from nhiscan_sandbox.azure.tokens import Bearer, issue
from nhiscan_sandbox.azure.wire import Json, Refusal

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 3599


def discovery(base: str, tenant: str) -> Json:
    """Answer where a directory's endpoints are."""
    root = f"{base}/{tenant}"
    return {
        "issuer": f"{root}/v2.0",
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
    }


def token(cloud: Cloud, directory: str, body: bytes) -> Json:
    """Give an application a token for a directory that it was consented in.

    A secret must be the one that the sandbox gave out for the application; a client assertion only
    has to say which application it is for, whoever signed it, as a federated token may come from
    anywhere.
    """
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if directory not in cloud.tenants:
        raise _refusal(90002, f"Tenant '{directory}' not found.", "invalid_request")
    app_id = form.get("client_id", "").lower()
    audience = form.get("scope", "").removesuffix(".default").rstrip("/")
    if form.get("grant_type") != "client_credentials" or not audience:
        raise _refusal(900144, "The request body must contain: 'scope'.", "invalid_request")
    principal = cloud.tenants[directory].principal_of(app_id)
    if principal is None:
        text = f"Application with identifier '{app_id}' was not found in the directory."
        raise _refusal(700016, text, "unauthorized_client")
    _prove(cloud, app_id, form)
    if not principal["accountEnabled"]:
        raise _refusal(7000112, "Application is disabled.", "unauthorized_client")
    bearer = Bearer(
        directory=directory, app_id=app_id, principal=principal["id"], audience=audience
    )
    roles = cloud.consented(directory, app_id)
    return {
        "token_type": "Bearer",
        "expires_in": _SECONDS,
        "ext_expires_in": _SECONDS,
        "access_token": issue(bearer, roles, time(), _SECONDS),
    }


def _prove(cloud: Cloud, app_id: str, form: dict[str, str]) -> None:
    if "client_assertion" in form:
        if form.get("client_assertion_type") != _ASSERTION or not form["client_assertion"].strip():
            raise _refusal(700027, "Client assertion contains an invalid signature.")
        subject = _subject(form["client_assertion"])
        if subject not in (None, app_id):
            raise _refusal(700027, "Client assertion is for another application.")
        return
    given = form.get("client_secret", "")
    if given and given == cloud.expired_secret(app_id):
        raise _refusal(7000222, f"The provided client secret keys for app '{app_id}' are expired.")
    if given != cloud.secret(app_id):
        text = f"Invalid client secret provided for a secret added to app '{app_id}'."
        raise _refusal(7000215, text)


def _subject(assertion: str) -> str | None:
    """Return whom a certificate's assertion is for; a foreign token's subject is no application."""
    parts = assertion.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        subject = str(claims["sub"]).lower()
        own = "/oauth2/v2.0/token" in str(claims.get("aud"))
    except (ValueError, IndexError, KeyError, TypeError):
        return None
    return subject if own else None


def _refusal(number: int, text: str, error: str = "invalid_client") -> Refusal:
    status = 401 if error == "invalid_client" else 400
    return Refusal(status, error, f"AADSTS{number}: {text}")


def conditional_access() -> Refusal:
    """Make the refusal of a Conditional Access policy."""
    return _refusal(
        53003, "Access has been blocked by Conditional Access policies.", "invalid_grant"
    )


def coded(code: str | None) -> Refusal:
    """Make the refusal of one number, for a fault."""
    known = {
        "700016": ("Application was not found in the directory.", "unauthorized_client"),
        "7000215": ("Invalid client secret provided.", "invalid_client"),
        "7000222": ("The provided client secret keys are expired.", "invalid_client"),
        "90002": ("Tenant not found.", "invalid_request"),
        "65001": ("The user or administrator has not consented to use it.", "invalid_grant"),
    }
    number = (code or "53003").removeprefix("AADSTS")
    if number in known:
        return _refusal(int(number), *known[number])
    return conditional_access()
