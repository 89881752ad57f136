"""Grades how narrowly a federated credential names the outside workload that it lets in."""

import re
from typing import Any

from msgspec import Struct

from nhiscan.records import TrustVerdict, federated_fingerprint
from nhiscan_providers.azure.reading.subjects import ENTRA, GUID, judge_pattern, judge_subject

_EXPECTED = "api://AzureADTokenExchange"
# Comparison in a flexible credential's expression (Microsoft Entra, "Flexible federated identity
# credentials"): eq and matches, the latter with * and ?.
_COMPARED = re.compile(r"claims\['([A-Za-z_]+)'\]\s+(eq|matches)\s+'((?:[^']|'')*)'")
# The verdicts that this module reaches, by how many they let in.
_LOOSE: dict[TrustVerdict, int] = {"broken": 0, "guarded": 1, "weak": 2, "open": 3}


class Federation(Struct, frozen=True):
    """One accepted workload: `directory` and `object_id` where another Entra directory signs."""

    principal: str
    guard: str
    verdict: TrustVerdict
    reason: str
    fingerprint: str | None
    directory: str | None = None
    object_id: str | None = None


class _Compared(Struct, frozen=True):
    """What a token must say: the text that a claim is compared with, and whether with wildcards."""

    text: str
    claim: str = "sub"
    wild: bool = False


def grade(
    issuer: str | None, subject: str | None, audiences: list[str], expression: Any = None
) -> Federation:
    """Judge one federated credential; issuer and subject are compared literally and whole.

    A flexible credential has an expression in the subject's place, which may hold wildcards.
    """
    place = (issuer or "").strip()
    compared = _loosest(place.rstrip("/"), _compared(subject, expression))
    if not place or compared is None:
        return _unfinished(place, compared, expression)
    text, of_subject = compared.text, compared.claim == "sub"
    named = text if of_subject else f"{compared.claim}={text}"
    principal = f"{place.removeprefix('https://').rstrip('/')}|{named}"
    fingerprint = federated_fingerprint(place.rstrip("/"), named)
    verdict, reason = _judge(place.rstrip("/"), compared, audiences)
    guard = f"subject {text}" if of_subject else f"claim {named}"
    entra = ENTRA.fullmatch(place)
    object_id = text.lower() if entra and GUID.fullmatch(text) else None
    directory = entra.group(1).lower() if entra else None
    return Federation(principal, guard, verdict, reason, fingerprint, directory, object_id)


def _unfinished(place: str, compared: _Compared | None, expression: Any) -> Federation:
    guard = f"subject {compared.text}" if compared else "no subject"
    if place and expression:
        why = "its expression could not be understood"
        return Federation(place, guard, "unknown", why, None)
    return Federation(place or "?", guard, "broken", "it lacks an issuer or a subject", None)


def _compared(subject: str | None, expression: Any) -> list[_Compared]:
    if subject:
        return [_Compared(subject)]
    value = expression.get("value") if isinstance(expression, dict) else expression
    if not isinstance(value, str):
        return []
    found = [
        _Compared(text.replace("''", "'"), claim, how == "matches" and bool(set("*?") & set(text)))
        for claim, how, text in _COMPARED.findall(value[:4000])
        if text
    ]
    return [one for one in found if one.claim == "sub"] or found


def _loosest(issuer: str, some: list[_Compared]) -> _Compared | None:
    """Several comparisons may be joined by `or`: the loosest of them is what lets others in."""
    return max(some, key=lambda one: _LOOSE[_judge(issuer, one, [])[0]], default=None)


def _judge(issuer: str, compared: _Compared, audiences: list[str]) -> tuple[TrustVerdict, str]:
    if compared.wild:
        verdict, reason = judge_pattern(issuer, compared.text)
    elif compared.claim != "sub":
        claim = compared.claim[:40]
        verdict, reason = "weak", f"any subject is accepted whose claim {claim} has one value"
    else:
        verdict, reason = judge_subject(issuer, compared.text)
    odd = [one for one in audiences if one.lower() != _EXPECTED.lower()]
    note = f"; it accepts tokens made for {odd[0][:80]}" if odd else ""
    return verdict, reason + note
