"""Reading a landscape, a file or a folder, with errors that say where and what to write instead.

Belongs here: YAML in, Landscape out. Not here: connectors and mappings that a landscape brings
along (connectors/layers.py, canonical/mapping_layers.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from finsync_dagster.landscape.explain import InvalidError, Problem, validated
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.landscape.references import reference_problems
from finsync_dagster.landscape.tree import Node, TreeError, merge_files, read_tree

DEMO = Path(__file__).parent / "demo.yaml"
CONNECTORS = "connectors"
"""Folder beside a landscape that holds the company's own connectors; never a part of it."""
_LANDSCAPE: TypeAdapter[Landscape] = TypeAdapter(Landscape)


class LandscapeError(ValueError):
    """The landscape cannot be used; each line of the message names file, line and remedy."""


@dataclass(frozen=True)
class LandscapeTree:
    """A landscape as it is written, for what is laid over connectors.

    ``folder`` is the one that may hold the company's own connectors.
    """

    tree: Node
    folder: Path

    @property
    def connectors(self) -> Path:
        """The company's own connectors; the folder need not exist."""
        return self.folder / CONNECTORS

    @property
    def systems(self) -> dict[str, Node]:
        """What is written under ``systems``, by name."""
        return self.tree.under("systems")


def load_landscape(path: Path) -> Landscape:
    """The validated landscape.

    Raises:
        LandscapeError: unreadable file, broken YAML or a value that is not allowed.
    """
    return landscape_of(read_landscape(path))


def read_landscape(path: Path) -> LandscapeTree:
    """A landscape as it is written, not yet validated.

    Raises:
        LandscapeError: unreadable file, broken YAML, or the same value in two files.
    """
    try:
        tree = merge_files([read_tree(file) for file in _files(path)])
    except OSError as error:
        raise LandscapeError(
            f"{error.filename or path}: cannot be read ({error.strerror}); FINSYNC_LANDSCAPE must "
            "name a YAML file or a folder with some"
        ) from error
    except TreeError as error:
        raise LandscapeError(str(error)) from error
    return LandscapeTree(tree, path if path.is_dir() else path.parent)


def landscape_of(source: LandscapeTree, more: Iterable[Problem] = ()) -> Landscape:
    """The landscape, validated; ``more`` are problems that only a later stage can see.

    Raises:
        LandscapeError: a value that is not allowed, a line of the message for each.
    """
    try:
        return _validated(source.tree, more)
    except InvalidError as error:
        raise LandscapeError(str(error)) from error


def _validated(tree: Node, more: Iterable[Problem]) -> Landscape:
    problems = [*reference_problems(tree), *more]
    try:
        landscape = validated(_LANDSCAPE, tree)
    except InvalidError as error:
        raise InvalidError([*error.problems, *problems]) from error
    if problems:
        raise InvalidError(problems)
    return landscape


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix in (".yaml", ".yml")
        and file.is_file()
        and CONNECTORS not in file.relative_to(path).parts[:-1]
    )
    if not found:
        raise LandscapeError(f"{path}: holds no YAML file; write one, such as company.yaml")
    return found
