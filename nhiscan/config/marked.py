"""YAML with the line of every value, so that each problem can name where it stands."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import ConfigError

if TYPE_CHECKING:
    from yaml import CSafeLoader, MappingNode, Node

# nhiscan.yaml of a thousand tenants stays far below; aliases could otherwise unfold without end.
_MOST_VALUES = 1_000_000
_MOST_KNOWN = 10_000
_MERGE = "tag:yaml.org,2002:merge"
_TEXT = "tag:yaml.org,2002:str"


class Marked(Struct, frozen=True, gc=False):
    """A YAML value: `value` is a dict of Marked, a list of Marked, or a plain scalar.

    `text` is a scalar as written (an account id without quotes loses its zeros as a number).
    `keys` gives the line of each key of a mapping.
    """

    value: Any
    line: int
    text: str = ""
    keys: dict[str, int] = {}

    def plain(self) -> Any:
        """Return the value without marks."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


class Problems:
    """Collects what is wrong, so that one run tells all of it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, file: Path, line: int, path: str, problem: str) -> None:
        """Note one problem as `file:line: path: problem`."""
        self.lines.append(f"{file}:{line}: {path + ': ' if path else ''}{problem}")

    def stop(self, hint: str | None = None) -> None:
        """Raise ConfigError if anything was noted."""
        if self.lines:
            raise ConfigError(self.lines, hint=hint)


def read(file: Path, problems: Problems) -> Marked | None:
    """Parse one YAML file safely; None, with problems noted, when it is empty or no YAML.

    No message repeats a value: it may be a secret that stands where it should not.
    """
    import yaml

    try:
        node = compose(file.read_text("utf-8-sig"))
        if node is not None:
            return _Builder(file, problems).build(node, "", frozenset())
        problems.add(file, 1, "", "the file is empty")
    except OSError as error:
        problems.add(file, 1, "", error.strerror or str(error))
    except UnicodeDecodeError as error:
        problems.add(file, 1, "", f"not UTF-8 text (byte {error.start})")
    except RecursionError:
        problems.add(file, 1, "", "nested too deeply")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(file, line, "", f"not YAML: {_explained(error.problem or '')}")
    except yaml.YAMLError:
        problems.add(file, 1, "", "not YAML: it holds a character that YAML does not allow")
    return None


def compose(text: str) -> "Node | None":
    """Parse YAML into nodes, in C where that is there: ten times faster.

    What C refuses Python parses anew, because its errors name the cause, as we explain it.
    """
    import yaml

    if yaml.__with_libyaml__:
        try:
            return yaml.compose(text, Loader=_fast_loader())
        except yaml.YAMLError:
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


@cache
def _fast_loader() -> "type[CSafeLoader]":
    """Make a loader that works out what a scalar is once for each text: most texts are repeated."""
    import yaml

    known: dict[str, str] = {}

    class Fast(yaml.CSafeLoader):
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            plain = kind is yaml.ScalarNode and implicit[0]
            found = known.get(value) if plain else None
            if found is None:
                found = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call] # stubs
                if plain and len(known) < _MOST_KNOWN:
                    known[value] = found
            return found

        def descend_resolver(self, current_node: Any, current_index: Any) -> None:
            """Do nothing: no rule of ours depends on where a value stands."""

        def ascend_resolver(self) -> None:
            """Do nothing, as above."""

    return Fast


def _explained(problem: str) -> str:
    if r"'\t'" in problem:
        return "a tab; indent with spaces"
    if "undefined alias" in problem:
        return "a value that starts with * needs quotes"
    return re.sub(r"'([^']*)'", _without_value, problem)


def _without_value(quoted: re.Match[str]) -> str:
    """Keep what YAML's grammar names, such as ',' or '<stream end>', not what the file says."""
    known = len(quoted[1]) <= 1 or quoted[1].startswith("<")
    return quoted[0] if known else "'…'"


class _Builder:
    """Turns nodes into marked values; what one of them cannot be is noted."""

    def __init__(self, file: Path, problems: Problems) -> None:
        import yaml

        self._file, self._problems, self._left = file, problems, _MOST_VALUES
        self._yaml, self._scalars = yaml, yaml.constructor.SafeConstructor()

    def build(self, node: "Node", path: str, above: frozenset[int]) -> Marked:
        line = node.start_mark.line + 1
        self._left -= 1
        if id(node) in above or self._left < 0:
            raise ConfigError([f"{self._file}:{line}: {path}: aliases unfold without end"])
        if isinstance(node, self._yaml.ScalarNode):
            return Marked(self._scalar(node, line, path), line, node.value)
        inside = above | {id(node)}
        if isinstance(node, self._yaml.MappingNode):
            return self._mapping(node, path, inside)
        items = [self.build(n, f"{path}[{i}]", inside) for i, n in enumerate(node.value)]
        return Marked(items, line)

    def _scalar(self, node: "Node", line: int, path: str) -> Any:
        if node.tag == _TEXT:
            return node.value
        try:
            return self._scalars.construct_object(node)
        except ValueError:
            self._problems.add(self._file, line, path, "not a date that exists; quote it as text")
        except self._yaml.YAMLError:
            self._problems.add(self._file, line, path, "a value that starts with ! needs quotes")
        return None

    def _mapping(self, node: "MappingNode", path: str, inside: frozenset[int]) -> Marked:
        values: dict[str, Marked] = {}
        lines: dict[str, int] = {}
        merged: list[Marked] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, self._yaml.ScalarNode):
                self._problems.add(self._file, line, path, "a key must be plain text")
                continue
            name = str(key.value)
            built = self.build(value, f"{path}.{name}" if path else name, inside)
            if key.tag == _MERGE:
                merged += built.value if isinstance(built.value, list) else [built]
                continue
            if name in values:
                problem = f'"{name}" stands here twice (line {lines[name]})'
                self._problems.add(self._file, line, path, problem)
            lines[name] = line
            values[name] = built
        for other in merged:
            self._merge(other, values, lines, path)
        return Marked(values, node.start_mark.line + 1, keys=lines)

    def _merge(
        self, other: Marked, values: dict[str, Marked], lines: dict[str, int], path: str
    ) -> None:
        """Take from what `<<` names whatever is not given beside it."""
        if not isinstance(other.value, dict):
            self._problems.add(self._file, other.line, path, "<< takes keys and values only")
            return
        for name, value in other.value.items():
            lines.setdefault(name, other.keys[name])
            values.setdefault(name, value)
