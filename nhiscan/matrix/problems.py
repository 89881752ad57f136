"""What is wrong with the files of a matrix, under codes that lint prints."""

import re
from pathlib import Path

from msgspec import Struct

from nhiscan.config.marked import Problems

# code -> what it says. CFG-01 and -02 are judged in `nhiscan.matrix.gaps`, the others here.
CODES = {
    "CFG-01": "a domain has no SLA in slas.yaml",
    "CFG-02": "a third party operates the control and no service_model says how",
    "CFG-03": "a file cannot be read, or is no YAML",
    "CFG-04": "a key that nothing reads",
    "CFG-05": "a key is missing",
    "CFG-06": "a value of the wrong type or form",
    "CFG-07": "a name of something that is not there: a tenant, criterion, duty, party …",
    "CFG-08": "an id or a key stands twice",
    "CFG-09": "the file's name and the client in it are not one",
    "CFG-10": "two values contradict each other, or one is missing beside another",
    "CFG-11": "a secret in clear",
}
_PATTERNS = (
    ("CFG-03", r"not YAML|not UTF-8|the file is empty|nested too deeply|no such folder"),
    ("CFG-04", r"unknown key "),
    ("CFG-05", r'"[^"]*" is missing$'),
    (
        "CFG-08",
        r".* stands here twice| is the id of |.* is the (rule|id|address|party|domain) (at|of) ",
    ),
    ("CFG-09", r"the file of "),
    ("CFG-10", r"it ends before it begins|give either|it matches everything|give at least"),
    ("CFG-07", r"no (tenant|criterion|framework|duty|organization|party|[\w-]+ id) "),
    ("CFG-11", r"a secret in clear"),
)
_IN_INSTANCE = re.compile(r"instances\[(\d+)\]")


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where."""

    file: str
    line: int
    code: str
    instance: str | None = None
    message: str


class Noted(Problems):
    """Problems with what lint tells besides: the code, and the instance that `path` is in.

    `ids` maps a file and a place in its list to the id of the instance there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: list[tuple[str, int, str, str]] = []
        self.ids: dict[tuple[str, int], str] = {}

    def add(self, file: Path, line: int, path: str, problem: str) -> None:
        """Note one problem; reading goes on."""
        super().add(file, line, path, problem)
        self._told.append((str(file), line, path, problem))

    @property
    def found(self) -> list[Problem]:
        """List what was noted; ask when all is read, because ids may be known late."""
        return [self._problem(*told) for told in self._told]

    def _problem(self, file: str, line: int, path: str, problem: str) -> Problem:
        place = _IN_INSTANCE.match(path)
        return Problem(
            file=file,
            line=line,
            code=_code(problem),
            instance=self.ids.get((file, int(place[1]))) if place else None,
            message=f"{path}: {problem}" if path else problem,
        )

    @property
    def unreadable(self) -> bool:
        """Say whether a file could not be read at all."""
        return any(one.code == "CFG-03" for one in self.found)


def _code(problem: str) -> str:
    return next((code for code, pattern in _PATTERNS if re.match(pattern, problem)), "CFG-06")
