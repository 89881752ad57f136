"""YAML with the line of every value, so that each problem can name where it stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import ConfigError

if TYPE_CHECKING:
    from yaml import Node

# nhiscan.yaml of a thousand tenants stays far below; aliases could otherwise unfold without end.
_MOST_VALUES = 1_000_000


class Marked(Struct, frozen=True):
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
    """Parse one YAML file safely; None, with problems noted, when it is empty or no YAML."""
    import yaml

    try:
        text = file.read_text("utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        problems.add(file, 1, "", error.strerror or str(error))
    except UnicodeDecodeError as error:
        problems.add(file, 1, "", f"not UTF-8 text (byte {error.start})")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(file, line, "", f"not YAML: {error.problem}")
    except yaml.YAMLError as error:
        problems.add(file, 1, "", f"not YAML: {error}")
    else:
        if node is None:
            problems.add(file, 1, "", "the file is empty")
            return None
        return _Builder(file, problems).build(node, "", frozenset())
    return None


class _Builder:
    def __init__(self, file: Path, problems: Problems) -> None:
        import yaml

        self._file, self._problems, self._left = file, problems, _MOST_VALUES
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: "Node", path: str, above: frozenset[int]) -> Marked:
        import yaml

        line = node.start_mark.line + 1
        self._left -= 1
        if id(node) in above or self._left < 0:
            raise ConfigError([f"{self._file}:{line}: {path}: aliases unfold without end"])
        inside = above | {id(node)}
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, inside)
        if isinstance(node, yaml.SequenceNode):
            items = [self.build(n, f"{path}[{i}]", inside) for i, n in enumerate(node.value)]
            return Marked(items, line)
        try:
            value = self._scalars.construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            self._problems.add(self._file, line, path, f"cannot read {node.value!r}: {error}")
            value = None
        return Marked(value, line, node.value)

    def _mapping(self, node: Any, path: str, inside: frozenset[int]) -> Marked:
        values: dict[str, Marked] = {}
        lines: dict[str, int] = {}
        for key, value in self._pairs(node):
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in values:
                self._problems.add(
                    self._file, line, path, f'"{name}" stands here twice (line {lines[name]})'
                )
            lines[name] = line
            values[name] = self.build(value, f"{path}.{name}" if path else name, inside)
        return Marked(values, node.start_mark.line + 1, keys=lines)

    @staticmethod
    def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
        yield from node.value
