"""Reading a landscape file, with errors that say where and what to write instead.

Belongs here: YAML in, Landscape out.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from finsync_dagster.landscape.model import Landscape

DEMO = Path(__file__).parent / "demo.yaml"


class LandscapeError(ValueError):
    """The landscape file cannot be used; the message names file, place and remedy."""


def load_landscape(path: Path) -> Landscape:
    """The validated landscape.

    Raises:
        LandscapeError: unreadable file, broken YAML or a value that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LandscapeError(
            f"{path}: cannot be read ({error.strerror}); FINSYNC_LANDSCAPE must name a YAML file"
        ) from error
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise LandscapeError(f"{path}: not valid YAML: {error}") from error
    try:
        return Landscape.model_validate(tree)
    except ValidationError as error:
        raise LandscapeError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    lines = [f"{path}: {error.error_count()} thing(s) to correct"]
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
        lines.append(f"  {place}: {problem['msg']}")
    return "\n".join(lines)
