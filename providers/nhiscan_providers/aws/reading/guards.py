"""Judges what stands between an outsider and a trust statement."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from re import findall, fullmatch, sub

from msgspec import Struct

from nhiscan.records import TrustVerdict
from nhiscan_providers.aws.reading.conditions import Value, hollow, keys, required
from nhiscan_providers.aws.reading.documents import Condition
from nhiscan_providers.aws.reading.patterns import is_wild, literals

EXTERNAL_ID = "sts:ExternalId"
# Sources for which a service may act; one of them keeps it from acting for other accounts (IAM User
# Guide, The confused deputy problem, Cross-service confused deputy prevention).
_SOURCES = ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
# Below this many fixed characters a pattern can be met by chance or by trying.
_ENOUGH_LITERALS = 8
_FILLERS = (
    "external", "identifier", "id", "aws", "iam", "role", "account", "prod", "production", "dev",
    "test", "default", "changeme", "example", "secret", "password", "client", "customer", "tenant",
)  # fmt: skip


class Guard(Struct, frozen=True):
    """What a statement's conditions amount to, in one sentence with what would change it."""

    verdict: TrustVerdict
    name: str
    reason: str
    fingerprint: str | None = None


def external_id_guard(
    conditions: Sequence[Condition], account: str, words: Collection[str]
) -> Guard:
    """Judge the sts:ExternalId of a statement for principals outside the account.

    It counts only where the request must carry it and where it is not to be guessed. The value
    itself appears nowhere; the fingerprint is the SHA-256 of the value, or of several values
    sorted and joined by newlines.
    """
    demanded = required(conditions, EXTERNAL_ID)
    if not demanded:
        return _without_external_id(conditions)
    guessable = [_weakness(test.values, account, words) for test in demanded]
    best = guessable.index("") if "" in guessable else 0
    mark = _fingerprint(demanded[best].values)
    if "never" in guessable:
        why = "no ExternalId can have the value that the condition names; a real one would let in"
        return Guard("broken", EXTERNAL_ID, f"{why} who presents it", mark)
    if "" in guessable:
        reason = "the caller must present the sts:ExternalId that the statement fixes"
        return Guard("guarded", EXTERNAL_ID, f"{reason}; without it anyone named is let in", mark)
    reason = f"an sts:ExternalId is required, but {guessable[0]}; a long random one would guard it"
    return Guard("weak", EXTERNAL_ID, reason, mark)


def source_guard(conditions: Sequence[Condition]) -> Guard:
    """Judge whether a service is kept from acting here on behalf of other accounts."""
    soft: list[str] = []
    for key in _SOURCES:
        soft += [f"{one.key}: {one.why}" for one in hollow(conditions, key)]
        for test in required(conditions, key):
            loose = [value for value in test.values if _any_account(key, value)]
            if not loose:
                reason = f"the service may act only for what {key} names; without it, for anyone"
                return Guard("guarded", key, reason)
            soft.append(f"{key} accepts every account")
    if soft:
        reason = f"{'; '.join(soft)}; a StringEquals on aws:SourceAccount would guard it"
        return Guard("weak", soft[0].partition(" ")[0].rstrip(":"), reason)
    reason = (
        "no aws:SourceAccount, aws:SourceArn or aws:SourceOrgID binds the service to one account;"
        " that matters where the service acts for whoever asks it to"
    )
    return Guard("open", _others(conditions), reason)


def weak_external_id(value: str, words: Collection[str]) -> str | None:
    """Say why an ExternalId is guessable, without showing it, or null if nothing speaks for that.

    `words` are names that an outsider can know: the client's, the account's number and alias.
    """
    if fullmatch(r"\d{12}", value):
        return "it has the form of an account number"
    text = _letters(value)
    for word in words:
        plain = _letters(word)
        if plain and text == plain:
            return "it equals a name or number that others know"
        if plain and plain in text and not _rest(text.replace(plain, "", 1)):
            return "it is little more than a name or number that others know"
    if not _rest(text):
        return "it is made of common words"
    if len(value) < 6:
        return "it is shorter than six characters"
    return None


def _without_external_id(conditions: Sequence[Condition]) -> Guard:
    flaws = hollow(conditions, EXTERNAL_ID)
    would = "a StringEquals on sts:ExternalId would guard it"
    if flaws:
        why = "; ".join(one.why for one in flaws)
        reason = f"a condition on sts:ExternalId looks like a guard, but {why}; {would}"
        return Guard("weak", EXTERNAL_ID, reason)
    others = _others(conditions)
    beside = "" if others == "none" else f" (its conditions on {others} do not replace one)"
    return Guard("open", others, f"no sts:ExternalId is required{beside}; {would}")


def _weakness(values: Sequence[Value], account: str, words: Collection[str]) -> str:
    # values are joined by OR: the loosest of those that can match counts
    alive = [value for value in values if value.wild or not is_wild(value.text)]
    if not alive:
        return "never"
    for value in alive:
        if value.variable:
            return "a policy variable lets the caller choose it"
        if value.wild and not literals(value.text):
            return "its pattern accepts any value"
        if value.wild and literals(value.text) < _ENOUGH_LITERALS:
            return "its pattern fixes too few characters"
        why = weak_external_id(value.text, {account, *words})
        if why:
            return why
    return ""


def _any_account(key: str, value: Value) -> bool:
    if value.variable:
        return True
    if not value.wild:
        return False
    if key == "aws:SourceArn":  # arn:partition:service:region:account:resource
        parts = value.text.split(":", 5)
        # an S3 bucket's ARN names no account, and its name is the only one of the world
        return len(parts) < 6 or is_wild(parts[4]) or (not parts[4] and parts[5][:1] in "*?")
    return not literals(value.text.partition("/")[0]) or is_wild(value.text.partition("/")[0])


def _others(conditions: Sequence[Condition]) -> str:
    return ", ".join(keys(conditions)) or "none"


def _fingerprint(values: Sequence[Value]) -> str:
    text = "\n".join(sorted({value.text for value in values}))
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _letters(text: str) -> str:
    return "".join(findall(r"[^\W_]+", text.casefold()))


def _rest(text: str) -> str:
    for filler in _FILLERS:
        text = text.replace(filler, "")
    return sub(r"\d{1,4}$", "", text)
