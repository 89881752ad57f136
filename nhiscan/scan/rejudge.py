"""Concludes and judges anew after people answered something, without asking any cloud."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nhiscan import clock
from nhiscan.config.model import Config
from nhiscan.errors import UsageError
from nhiscan.findings.evaluate import FindingCounts, evaluate
from nhiscan.scan.resolve import resolve
from nhiscan.store.revision import Revision, revise

# The families of rules that rest on rosters, the matrix and recorded answers. What a cloud alone
# can tell is judged where it was read, and when.
FAMILIES = ("OWN", "CTL", "SHR", "REV", "EVD", "MON", "IR", "LIF-06", "LIF-07", "LIF-08")


def rejudge(revision: Revision, config: Config) -> FindingCounts:
    """Resolve, and judge every account known by the rules of FAMILIES.

    No scan is recorded, and nothing counts as read anew: findings keep when they were seen.
    """
    resolve(revision, config, revision.at)
    revision.settle()
    revision.record_conclusion()
    return evaluate(revision, config, revision.at, FAMILIES)


@contextmanager
def answered(store: Path, config: Config, *, create: bool = False) -> Iterator[Revision]:
    """Open a revision to record an answer in; on a clean exit it is judged and published at once.

    UsageError if no scan was made yet, but for answers that need none (`create`); nothing is
    written if the block or the judgement fails.
    """
    if not create:
        _needed(store)
    with revise(store, clock.now()) as revision:
        yield revision
        rejudge(revision, config)


def conclude(
    store: Path, config: Config, say: Callable[[str], None] = lambda _: None
) -> FindingCounts:
    """Read roster, matrix and policy again and conclude anew, in one new revision of the store."""
    _needed(store)
    with revise(store, clock.now()) as revision:
        say("resolving and judging again")
        return rejudge(revision, config)


def _needed(store: Path) -> None:
    if not store.is_file():
        raise UsageError(
            f"{store}: no store is there yet",
            hint="run `nhiscan scan` first, or name a store with --db",
        )
