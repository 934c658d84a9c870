"""The house rules that a reader relies on, checked in the code itself."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "finsync_dagster"
BASE = {"schema", "money", "findings", "landscape"}
ROAD = [
    "connectors",
    "landing",
    "contracts",
    "canonical",
    "identity",
    "matching",
    "reconciliation",
    "spend",
    "exceptions",
    "publishing",
    "lineage",
]
MODULES = sorted(PACKAGE.rglob("*.py"))
COMPUTING = {
    "contracts",
    "canonical",
    "identity",
    "matching",
    "reconciliation",
    "spend",
    "exceptions",
}
STAGES = [m for m in MODULES if m.relative_to(PACKAGE).parts[0] in {*ROAD, "landscape"}]


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", STAGES, ids=name)
def test_a_stage_imports_only_what_comes_before_it(module: Path) -> None:
    own = module.relative_to(PACKAGE).parts[0]
    before = ROAD[: ROAD.index(own)] if own in ROAD else []
    allowed = BASE | {own} | set(before)
    for target in imported(module):
        assert not target.startswith("dagster"), f"{name(module)} imports {target}"
        if target.startswith("finsync_dagster."):
            room = target.split(".")[1]
            assert room in allowed, f"{name(module)} imports {target}, which comes later or beside"


SANDBOX = [m for m in MODULES if m.relative_to(PACKAGE).parts[0] == "sandbox"]


@pytest.mark.parametrize("module", SANDBOX, ids=name)
def test_what_plays_a_system_knows_nothing_of_what_reads_it(module: Path) -> None:
    """Each is a check of the other only as long as neither was made from the other."""
    own = {i for i in imported(module) if i.startswith("finsync_dagster.")}
    assert all(i.startswith("finsync_dagster.sandbox") for i in own), sorted(own)


@pytest.mark.parametrize("module", STAGES, ids=name)
def test_what_reads_a_system_knows_nothing_of_what_plays_it(module: Path) -> None:
    assert not any(i.startswith("finsync_dagster.sandbox") for i in imported(module))


@pytest.mark.parametrize("module", [m for m in SANDBOX if "vendors" in m.parts], ids=name)
def test_who_answers_for_a_vendor_does_not_see_what_was_planted(module: Path) -> None:
    text = module.read_text()
    assert "planted" not in text
    assert "innocent" not in text


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_module_says_what_belongs_in_it(module: Path) -> None:
    assert ast.get_docstring(parsed(module)), f"{name(module)} has no docstring"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_files_and_functions_stay_small(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= 400, f"{name(module)} has {text.count(chr(10))} lines"
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            # The makers of assets hold the asset's whole declaration.
            limit = 90 if "orchestration" in module.parts else 70
            assert length <= limit, f"{name(module)}: {node.name} has {length} lines"


@pytest.mark.parametrize(
    "module", [m for m in STAGES if m.relative_to(PACKAGE).parts[0] in COMPUTING], ids=name
)
def test_no_binary_floating_point_in_the_stages(module: Path) -> None:
    """Money, prices, quantities and rates are never floats, so the stages know no float at all."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"Float32", "Float64"}, f"{name(module)}:{node.lineno}"
        if isinstance(node, ast.Name):
            assert node.id != "float", f"{name(module)}:{node.lineno}"
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"{name(module)}:{node.lineno}"
