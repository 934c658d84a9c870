"""The five generated companies as somebody who runs finsync has them: a landscape, a home, servers.

Belongs here: their landscape cut out of the demonstration's, the variables of a running group. Not
here: expectations.

The connectors are the shipped ones but for how gently they ask (and, if told, how large pages they
want): a sandbox need not be spared.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import requests
import yaml

from finsync_dagster.landscape.load import DEMO
from finsync_dagster.sandbox.group import Group, serve_group
from finsync_dagster.sandbox.vendors.plan import Plan
from tests.pipeline.homes import FINSYNC, Home

SYSTEMS = ("group_sap", "group_s4", "group_coupa", "group_netsuite", "group_concur")
_QUICK = {
    "limits": {"concurrent": 8},
    "retry": {"attempts": 6, "first_wait": 1, "longest_wait": 2, "give_up_after": 300},
    "breaker": {"opens_after": 1000},
}
# Of connectors that say how many records they want at a time.
_PAGED = ("coupa", "netsuite", "concur")


def described(systems: Sequence[str] = SYSTEMS) -> dict[str, object]:
    """The demonstration's landscape with nothing but these systems, their companies and rates."""
    whole = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    kept = {n: s for n, s in whole["systems"].items() if n in (*systems, "ecb")}
    entities = {entity for system in kept.values() for entity in system.get("entities", [])}
    whole["systems"] = kept
    whole["legal_entities"] = {n: e for n, e in whole["legal_entities"].items() if n in entities}
    policy = whole["policy"]
    own = policy["entity_tolerances"]
    # The demonstration has no reference for their rates; here those of their world are read.
    policy["entity_tolerances"] = {
        n: {check: limits for check, limits in t.items() if check != "FX_RATE"}
        for n, t in own.items()
        if n in entities
    }
    rounding = policy["tax_rounding"]
    policy["tax_rounding"] = {n: where for n, where in rounding.items() if n in entities}
    whole["authority"] = [a for a in whole["authority"] if a["system"] in kept]
    return whole


def written(folder: Path, systems: Sequence[str] = SYSTEMS, rows_per_page: int = 0) -> Path:
    """The landscape in a folder, quick connectors beside it; ``rows_per_page`` 0: as shipped."""
    whole = described(systems)
    folder.mkdir(parents=True, exist_ok=True)
    connectors = {whole["systems"][s]["connector"] for s in systems}  # type: ignore[index]
    for name in connectors:
        quick: dict[str, object] = {"like": name, **_QUICK}
        if rows_per_page and name in _PAGED:
            shipped = yaml.safe_load((_shipped() / name / "system.yaml").read_text("utf-8"))
            quick["defaults"] = {**shipped["defaults"], "rows_per_page": rows_per_page}
        own = folder / "connectors" / name
        own.mkdir(parents=True, exist_ok=True)
        (own / "system.yaml").write_text(yaml.safe_dump(quick), encoding="utf-8")
    path = folder / "landscape.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


def _shipped() -> Path:
    return DEMO.parents[1] / "connectors"


@dataclass(frozen=True)
class Company:
    """A home that extracts from a group that is running."""

    home: Home
    group: Group
    systems: tuple[str, ...]

    def control(self, asked: str, body: str | None = None) -> dict[str, object]:
        """Ask the sandbox's control something, such as ``advance?to=end``; GET without a body."""
        address = self.group.control + (f"/{asked}" if asked else "")
        answer = requests.request("GET" if body is None else "POST", address, data=body, timeout=60)
        assert answer.status_code == 200, answer.text
        said: dict[str, object] = answer.json()
        return said

    def run(self) -> str:
        """The whole pipeline, as of today: of another day, exceptions are left as they are."""
        done = subprocess.run(
            [FINSYNC, "run"],
            env=self.home.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
            check=False,
        )
        return done.stdout


def company(
    folder: Path, group: Group, systems: Sequence[str] = SYSTEMS, rows_per_page: int = 0
) -> Company:
    """A new home in a folder, with a landscape that reads the running group."""
    landscape = written(folder, systems, rows_per_page)
    declared: dict[str, dict[str, dict[str, object]]]
    declared = yaml.safe_load(landscape.read_text(encoding="utf-8"))["systems"]
    # The world has reference rates of its own, at which its companies book.
    variables = {"FINSYNC_LANDSCAPE": str(landscape), "FINSYNC_ECB_URL": group.rates}
    for system in systems:
        connection = declared[system]["connection"]
        reached = group.systems[system]
        variables[str(connection["url_env"])] = reached["url"]
        secrets: dict[str, str] = connection["secrets"]  # type: ignore[assignment]
        for secret, variable in secrets.items():
            variables[variable.removeprefix("env:")] = reached[secret]
    home = Home(folder / "home", tuple(variables.items()))
    return Company(home, group, tuple(systems))


@contextmanager
def serving(
    worlds: Path,
    *,
    seed: int = 7,
    scale: Decimal = Decimal(1),
    plan: Plan | None = None,
    until: datetime | None = None,
) -> Iterator[Group]:
    """A group, answering; its world is generated under ``worlds`` the first time."""
    with serve_group(worlds, seed=seed, scale=scale, plan=plan, until=until) as group:
        yield group


def world_file(worlds: Path, *, seed: int = 7, scale: str = "1") -> Path:
    """The file of a world that was served."""
    found = [p for p in (worlds / "sandbox" / "world").glob(f"seed{seed}-scale{scale}-*.duckdb")]
    (path,) = (p for p in found if p.stem.count("-") == 2)
    return path
