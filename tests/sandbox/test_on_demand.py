from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from finsync_dagster.sandbox import on_demand
from finsync_dagster.sandbox.addresses import sandbox_of
from finsync_dagster.sandbox.group import GroupError
from finsync_dagster.sandbox.on_demand import FAULTS, SandboxError, started


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Groups are not really served; what was asked of them is noted, and when each ended."""
    groups: list[dict[str, Any]] = []

    @contextmanager
    def serve(home: Path, **asked: Any) -> Iterator[SimpleNamespace]:
        number = len(groups)
        groups.append({**asked, "home": home, "prepared": [], "ended": False})
        systems = {
            f"group_{name}": {"url": f"http://{number}/group_{name}", "password": f"p{number}"}
            for name in ("sap", "coupa")
        }
        yield SimpleNamespace(systems=systems, prepare=groups[number]["prepared"].append)
        groups[number]["ended"] = True

    monkeypatch.setattr(on_demand, "serve_group", serve)
    return groups


def test_an_address_may_ask_for_a_sandbox() -> None:
    assert sandbox_of("sandbox://group/coupa?seed=8") == "group/coupa?seed=8"
    assert sandbox_of("https://example.com") is None
    assert sandbox_of(None) is None


def test_all_systems_of_a_group_are_one_server_until_the_last_is_done(
    served: list[dict[str, Any]], tmp_path: Path
) -> None:
    with started("group/sap", tmp_path) as sap:
        with started("group/coupa?seed=7&scale=1.0", tmp_path) as coupa:
            assert (sap["url"], coupa["url"]) == ("http://0/group_sap", "http://0/group_coupa")
        assert [group["ended"] for group in served] == [False]
        assert served[0]["prepared"] == ["group_sap", "group_coupa"]
    assert [group["ended"] for group in served] == [True]
    with started("group/sap", tmp_path) as again:
        assert again["password"] == "p1"


def test_another_seed_scale_or_home_is_another_group(
    served: list[dict[str, Any]], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        for name in ("group/sap", "group/sap?seed=8", "group/sap?scale=0.5&seed=8"):
            stack.enter_context(started(name, tmp_path))
        stack.enter_context(started("group/sap", tmp_path / "other"))
    told = [(group["seed"], group["scale"], group["home"].name) for group in served]
    assert told == [
        (7, Decimal(1), tmp_path.name),
        (8, Decimal(1), tmp_path.name),
        (8, Decimal("0.5"), tmp_path.name),
        (7, Decimal(1), "other"),
    ]


def test_the_plan_of_what_goes_wrong_is_named_by_a_variable(
    served: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.yaml"
    monkeypatch.setenv(FAULTS, str(plan))
    with (
        pytest.raises(SandboxError, match=r"plan\.yaml cannot be read"),
        started("group/sap", tmp_path),
    ):
        pass
    plan.write_text("faults: [{kind: cut, rate: 0.5}]")
    with started("group/sap", tmp_path):
        assert served[0]["plan"].faults[0].kind == "cut"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("erp", "there is no sandbox erp; there are: tryton, group/sap, group/s4, group/coupa"),
        ("group/oracle", "there is no sandbox group/oracle; there are: group/sap"),
        ("group/sap?seed=x", "sandbox://group/sap?seed=x is not understood"),
        ("group/sap?scale=nan", "is not understood; after"),
        ("group/sap?size=3", "is not understood"),
        ("group/sap?seed", "is not understood"),
    ],
)
def test_what_there_is_not_is_told(
    served: list[dict[str, Any]], tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(SandboxError) as told, started(name, tmp_path):
        pass
    assert said in str(told.value)
    assert served == []


def test_a_group_that_cannot_be_served_is_a_sandbox_that_cannot_be_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> Callable[[], None]:
        raise GroupError("no room")

    monkeypatch.setattr(on_demand, "serve_group", fail)
    for _ in range(2):
        with pytest.raises(SandboxError, match="no room"), started("group/sap", tmp_path):
            pass
