"""Small questions to a user's policies that decide what else to ask AWS."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from nhiscan_providers.aws.reading.capabilities import Policy
from nhiscan_providers.aws.reading.documents import Document, Statement
from nhiscan_providers.aws.reading.patterns import is_wild, matches

Git = Literal["named", "wide", "none"]

_SERVICE = "codecommit:"
_GIT = ("codecommit:GitPull", "codecommit:GitPush")
_SENDING = frozenset({"ses:sendemail", "ses:sendrawemail"})
# A statement about more services than these is not about CodeCommit, though it may allow it: the
# managed policies ReadOnlyAccess and PowerUserAccess are such.
_FEW_SERVICES = 5


class _Answer(Struct, frozen=True):
    git: Git
    mail_only: bool
    allows: bool


class Hints:
    """Answers for one account; equal documents are looked at once."""

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}

    def git(self, policies: Iterable[Policy]) -> Git:
        """Tell how policies allow Git over CodeCommit: by name, as one of many services, or not."""
        found = {self._answer(policy.document).git for policy in policies}
        return "named" if "named" in found else "wide" if "wide" in found else "none"

    def only_mail(self, policies: Iterable[Policy]) -> bool:
        """Tell whether all that the policies allow is sending mail by SES."""
        answers = [self._answer(policy.document) for policy in policies]
        return any(one.allows for one in answers) and all(one.mail_only for one in answers)

    def _answer(self, document: Document) -> _Answer:
        known = self._answers.get(document.digest)
        if known is None:
            known = self._answers[document.digest] = _read(document)
        return known


def _read(document: Document) -> _Answer:
    allows = [one for one in document.statements if one.effect == "Allow"]
    found = {_git(one) for one in allows}
    if not document.complete:
        found.add("wide")
    sends = all(
        one.actions is not None and {action.lower() for action in one.actions} <= _SENDING
        for one in allows
    )
    return _Answer(
        "named" if "named" in found else "wide" if "wide" in found else "none",
        sends and document.complete,
        bool(allows),
    )


def _git(statement: Statement) -> Git:
    if statement.actions is None:
        return "wide"
    services = {action.lower().partition(":")[0] for action in statement.actions}
    fitting = [one for one in statement.actions if _allows_git(one)]
    if not fitting:
        return "none"
    named = any(action.lower().startswith(_SERVICE) for action in fitting)
    return "named" if named and len(services) <= _FEW_SERVICES else "wide"


def _allows_git(action: str) -> bool:
    service = action.partition(":")[0]
    # most actions are of other services, and need no matching
    if not is_wild(service) and not action.lower().startswith(_SERVICE):
        return False
    return any(matches(action, git) for git in _GIT)
