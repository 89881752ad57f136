"""Tells reading from writing by the verb of an action, for the actions that no probe stands for."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from nhiscan_providers.aws.reading.conditions import required
from nhiscan_providers.aws.reading.documents import Document, Statement
from nhiscan_providers.aws.reading.patterns import covers, everything, overlap

Level = Literal[0, 1, 2]
NONE: Level = 0
READ: Level = 1
WRITE: Level = 2

# An action that begins with one of these changes nothing; every other verb is taken for a change.
# AWS documents access levels per action (Service Authorization Reference); verbs are its habit.
_READING = (
    "adminget", "adminlist", "batchcheck", "batchdescribe", "batchdetect", "batchget", "batchlist",
    "batchread", "check", "classify", "compare", "contains", "count", "describe", "detect",
    "discover", "download", "estimate", "evaluate", "export", "filter", "find",
    "generatecredentialreport", "generateorganizationsaccessreport",
    "generateservicelastaccesseddetails", "get", "head", "is", "list", "lookup", "preview", "probe",
    "query", "read", "receive", "recognize", "resolve", "retrieve", "sample", "scan", "search",
    "select", "simulate", "summarize", "synthesize", "test", "translate", "validate", "verify",
    "view",
)  # fmt: skip
# What AWS's own ReadOnlyAccess and SecurityAudit allow beside, as written there. Those that open a
# channel (a bearer token, an MCP server, a Kubernetes API) change nothing without a further right.
_READING_PATTERNS = frozenset(
    {
        "agent-registry:invokeregistrymcp", "athena:batch*", "bedrock-mantle:callwithbearertoken",
        "bedrock:agenticretrievestream", "codecommit:gitpull", "codedeploy:batch*",
        "config:deliver*", "devops-guru:startcostestimation", "dynamodb:partiqlselect",
        "eks:accesskubernetesapi", "elasticbeanstalk:request*", "es:eshttpget", "es:eshttphead",
        "iam:generate*", "kms:decrypt", "logs:startlivetail", "logs:startquery",
        "logs:stoplivetail", "logs:stopquery", "polly:startspeechsynthesisstream",
        "sdb:domainmetadata", "servicequotas:startquotautilizationreport",
        "cloudwatch:generatequery", "cloudwatch:generatequeryresultssummary",
        "xray:canceltraceretrieval", "xray:starttraceretrieval",
    }
)  # fmt: skip
# Sessions of S3 Express read or write; a condition on this key fixes which.
_SESSION, _SESSION_MODE = "s3express:createsession", "s3express:SessionMode"


class Allowance(Struct, frozen=True):
    """One Action pattern of an Allow statement, or `*` but for the patterns of a NotAction."""

    pattern: str
    level: Level
    excluded: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Say what is allowed in a few words."""
        return f"all but {', '.join(self.excluded[:3])}" if self.excluded else self.pattern


class Allowances(Struct, frozen=True):
    """What a document allows anywhere, and what it denies on every resource unconditionally."""

    allowed: tuple[Allowance, ...]
    denied: tuple[Allowance, ...]


def allowances(document: Document) -> Allowances:
    """Collect a document's action patterns, whatever their resources and conditions."""
    allowed: dict[Allowance, None] = {}
    denied: dict[Allowance, None] = {}
    for statement in document.statements:
        if statement.effect == "Allow":
            allowed.update(dict.fromkeys(_of(statement)))
        elif not statement.conditions and any(map(everything, statement.resources or ())):
            denied.update(dict.fromkeys(_of(statement)))
    # writes first: most searches end with the first of them
    return Allowances(
        tuple(sorted(allowed, key=lambda one: -one.level)),
        tuple(denied),
    )


@lru_cache(maxsize=65_536)
def level(pattern: str) -> Level:
    """Judge an Action pattern: READ if all it can match begins with a reading verb, else WRITE."""
    lower = pattern.lower()
    if lower in _READING_PATTERNS:
        return READ
    literal = lower.partition(":")[2].split("*")[0].split("?")[0]
    return READ if literal.startswith(_READING) else WRITE


def strongest(
    documents: Sequence[Allowances], limits: Sequence[Sequence[Allowances]]
) -> tuple[Level, str]:
    """Judge what documents allow together, each limit (a set of documents) allowing it too.

    Returns the level and a pattern that has it. An upper bound: resources, conditions and
    conditional denials are not looked at.
    """
    found, pattern = NONE, ""
    for document in documents:
        for allowance in document.allowed:
            if allowance.level <= found:
                break  # nor is any that follows stronger (see allowances)
            left = _left(allowance, documents, limits)
            if left > found:
                found, pattern = left, allowance.text
            if found == WRITE:
                return found, pattern
    return found, pattern


def _left(
    allowance: Allowance,
    documents: Sequence[Allowances],
    limits: Sequence[Sequence[Allowances]],
) -> Level:
    left = _undenied(allowance, documents)
    for limit in limits:
        if left == NONE:
            break
        admitted = max(
            (_common(allowance, other) for document in limit for other in document.allowed),
            default=NONE,
        )
        left = min(left, admitted, _undenied(allowance, limit))
    return left


def _undenied(allowance: Allowance, documents: Sequence[Allowances]) -> Level:
    left = allowance.level
    for document in documents:
        for denial in document.denied:
            if denial.excluded:  # a Deny of NotAction leaves at most what it excludes
                excluded = (_common(allowance, _allowance(kept)) for kept in denial.excluded)
                left = min(left, max(excluded))
            elif covers(denial.pattern, allowance.pattern):
                return NONE
    return left


def _common(one: Allowance, other: Allowance) -> Level:
    if not overlap(one.pattern, other.pattern):
        return NONE
    if any(covers(kept, other.pattern) for kept in one.excluded) or any(
        covers(kept, one.pattern) for kept in other.excluded
    ):
        return NONE
    return min(one.level, other.level)


def _of(statement: Statement) -> tuple[Allowance, ...]:
    if statement.actions is None:
        return (Allowance("*", WRITE, tuple(one.lower() for one in statement.not_actions or ())),)
    modes = required(statement.conditions, _SESSION_MODE)
    reading = any(all(value.text == "ReadOnly" for value in mode.values) for mode in modes)
    return tuple(
        Allowance(pattern.lower(), READ)
        if reading and pattern.lower() == _SESSION
        else _allowance(pattern)
        for pattern in statement.actions
    )


def _allowance(pattern: str) -> Allowance:
    return Allowance(pattern.lower(), level(pattern))
