from decimal import Decimal
from pathlib import Path

import pytest

from finsync_dagster.sandbox.vendors.plan import (
    Fault,
    PlanError,
    check_systems,
    parse_plan,
    read_plan,
)


def test_a_plan_says_what_goes_wrong_how_often_and_where() -> None:
    plan = parse_plan(
        """
        seed: 7
        faults:
          - {kind: throttled, rate: 0.05, systems: [group_coupa], retry_after: date, seconds: 2}
          - {kind: cut, rate: "1", where: character, objects: [invoices], after: 3, at_most: 1}
        """
    )
    assert plan.seed == 7
    assert plan.faults == (
        Fault(
            kind="throttled",
            rate=Decimal("0.05"),
            systems=("group_coupa",),
            retry_after="date",
            seconds=Decimal(2),
        ),
        Fault(
            kind="cut",
            rate=Decimal(1),
            where="character",
            objects=("invoices",),
            after=3,
            at_most=1,
        ),
    )


def test_an_empty_file_is_a_plan_without_faults(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("# nothing yet\n")
    assert read_plan(tmp_path / "plan.yaml").faults == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a", "must be a mapping with the words seed and faults"),
        ("faults: [", "is no YAML: "),
        ("fault: []", "there is no word fault"),
        ("seed: x", "seed: 'x' cannot be it"),
        ("faults: [{rate: 1}]", "faults[1].kind is missing"),
        ("faults: [{kind: cut}]", "faults[1].rate is missing"),
        (
            "faults: [{kind: cut, rate: 1}, {kind: throtled, rate: 1}]",
            "faults[2].kind: 'throtled' is none of 'throttled', 'server_error'",
        ),
        ("faults: [{kind: cut, rate: 1.5}]", "faults[1].rate: 1.5 cannot be it"),
        ("faults: [{kind: cut, rate: 1, at_most: 0}]", "faults[1].at_most: 0 cannot be it"),
        ("faults: [{kind: cut, rate: 1, tims: 2}]", "there is no word faults[1].tims"),
        (
            "faults: [{kind: cut, rate: 1, retry_after: none}]",
            "faults[1]: cut has no retry_after; it has: where",
        ),
        (
            "faults: [{kind: html_page, rate: 1, status: 500}]",
            "faults[1]: html_page has no status; it has: no words of its own",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(PlanError) as told:
        parse_plan(text, "plan.yaml")
    assert sentence in str(told.value)
    assert str(told.value).startswith("plan.yaml")
    assert "\n" not in str(told.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"plan\.yaml cannot be read: No such file"):
        read_plan(tmp_path / "plan.yaml")
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(PlanError, match=r"plan\.yaml cannot be read: it is not UTF-8 text"):
        read_plan(tmp_path / "plan.yaml")


def test_a_system_that_is_not_there_is_told() -> None:
    plan = parse_plan("faults: [{kind: cut, rate: 1, systems: [coupa]}]")
    with pytest.raises(PlanError, match=r"faults\[1\].systems: there is no coupa; there are: a, b"):
        check_systems(plan, ("a", "b"))
    check_systems(plan, ("coupa",))
