"""Grades how narrowly a federated credential names the outside workload that it lets in."""

import re
from typing import Any

from msgspec import Struct

from nhiscan.records import TrustVerdict, federated_fingerprint

_ENTRA = re.compile(
    r"https://(?:login\.microsoftonline\.(?:com|us)|sts\.windows\.net"
    r"|login\.partner\.microsoftonline\.cn)/([0-9a-f-]{36})(?:/v2\.0)?/?",
    re.IGNORECASE,
)
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_GITHUB = "https://token.actions.githubusercontent.com"
_EXPECTED = "api://AzureADTokenExchange"
# Comparison in a flexible credential's expression (Microsoft Entra, "Flexible federated identity
# credentials"): eq and matches, the latter with * and ?.
_COMPARED = re.compile(r"claims\['([A-Za-z_]+)'\]\s+(eq|matches)\s+'((?:[^']|'')*)'")


class Federation(Struct, frozen=True):
    """One accepted workload: `directory` and `object_id` where another Entra directory signs."""

    principal: str
    guard: str
    verdict: TrustVerdict
    reason: str
    fingerprint: str | None
    directory: str | None = None
    object_id: str | None = None


def grade(
    issuer: str | None, subject: str | None, audiences: list[str], expression: Any = None
) -> Federation:
    """Judge one federated credential; issuer and subject are compared literally and whole.

    A flexible credential has an expression in the subject's place, which may hold wildcards.
    """
    place = (issuer or "").strip()
    text, wild = _subject(subject, expression)
    guard = f"subject {text}" if text else "no subject"
    if not place or not text:
        reason = "it lacks an issuer or a subject" if not place or not expression else _UNREAD
        verdict: TrustVerdict = "unknown" if expression else "broken"
        return Federation(place or "?", guard, verdict, reason, None)
    principal = f"{place.removeprefix('https://').rstrip('/')}|{text}"
    fingerprint = federated_fingerprint(place.rstrip("/"), text)
    verdict, reason = _judge(place, text, audiences, wild=wild)
    entra = _ENTRA.fullmatch(place)
    object_id = text.lower() if entra and _GUID.fullmatch(text) else None
    directory = entra.group(1).lower() if entra else None
    return Federation(principal, guard, verdict, reason, fingerprint, directory, object_id)


_UNREAD = "its expression could not be understood"


def _subject(subject: str | None, expression: Any) -> tuple[str, bool]:
    if subject:
        return subject, False
    value = expression.get("value") if isinstance(expression, dict) else expression
    if not isinstance(value, str):
        return "", False
    compared = _COMPARED.findall(value[:4000])
    found = [(how, text) for claim, how, text in compared if claim == "sub"] or [
        (how, text) for _, how, text in compared
    ]
    if not found:
        return "", False
    how, text = found[0]
    return text, how == "matches" and ("*" in text or "?" in text)


def _judge(
    issuer: str, subject: str, audiences: list[str], *, wild: bool
) -> tuple[TrustVerdict, str]:
    if wild:
        return "weak", "a wildcard lets in every workload whose subject matches it"
    if issuer.rstrip("/") == _GITHUB:
        return _github(subject)
    odd = [one for one in audiences if one.lower() != _EXPECTED.lower()]
    note = f"; it accepts tokens made for {odd[0][:80]}" if odd else ""
    return "guarded", f"one subject of one issuer is accepted{note}"


def _github(subject: str) -> tuple[TrustVerdict, str]:
    _, _, context = subject.partition(":")
    _, _, what = context.partition(":")
    if what == "pull_request":
        return "weak", "any pull request of the repository is accepted, whoever opened it"
    if what.startswith(("ref:refs/heads/", "ref:refs/tags/", "environment:", "job_workflow_ref:")):
        return "guarded", "one branch, tag or environment of one repository is accepted"
    if subject.startswith("repo:") and not what:
        return "broken", "a repository alone is no subject that GitHub sends"
    return "guarded", "one subject of one repository is accepted"
