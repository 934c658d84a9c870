"""What a policy may say: limits, rules, versions; and its digest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finsync_dagster.landscape.policy_model import Policy, Tolerance
from finsync_dagster.orchestration.company import check_company
from finsync_dagster.orchestration.landscape_schema import landscape_schema
from finsync_dagster.orchestration.policy_file import ALL_CHECKS
from tests.landscape.company import COMPANY, END, company, complaints, loaded

RULES = "  rules:\n"


def rules(*lines: str) -> str:
    return RULES + "".join(f"    - {line}\n" for line in lines)


def test_rules_are_read_as_one_flat_list(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        more=rules(
            "{check: PRICE_UNIT, item: X-100, supplier: Schrauben AG, upper_pct: '5', "
            "from: 2026-01-01, until: 2026-03-31}",
            "{check: LINE_TOTAL, entity: acme, upper_abs: '5', combine: ANY, below: block}",
        )
        + "  matching:\n    - {category: services, set_match_type: 2w}\n",
    ).policy
    assert [rule.label for rule in policy.rules_of("PRICE_UNIT", "acme")] == [
        "item X-100 x supplier Schrauben AG from 2026-01-01 until 2026-03-31"
    ]
    (total,) = policy.rules_of("LINE_TOTAL", "acme")
    assert total.label == "entity acme"
    assert total.limits.effects("LINE_TOTAL") == ("block", "block")
    assert policy.rules_of("LINE_TOTAL", "other") == ()
    assert policy.matching[0].label == "category services"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{check: PRICE_UNT}", "policy.rules.0.check: there is no check PRICE_UNT; did you mean"),
        (
            "{check: PRICE_UNIT, entity: acm}",
            "policy.rules.0.entity: 'acm' is not among legal_entities; did you mean acme?",
        ),
        (
            "{check: PRICE_UNIT, supplier_group: metal}",
            "policy.rules.0.supplier_group: 'metal' is not among supplier_groups; there is",
        ),
        (
            "{check: PRICE_UNIT, order_line: '1'}",
            "policy.rules.0: order_line needs the order it belongs to",
        ),
        (
            "{check: PRICE_UNIT, order: '1', item: X}",
            "policy.rules.0: an order already says item and supplier",
        ),
        (
            "{check: PRICE_UNIT, item: X, category: Y}",
            "policy.rules.0: name the item or its category, not both",
        ),
        (
            "{check: PRICE_UNIT, supplier: X, supplier_group: y}",
            "policy.rules.0: name the supplier or its group, not both",
        ),
        (
            "{check: PRICE_UNIT, upper_pct: '-1'}",
            "policy.rules.0.upper_pct: input should be greater than or equal to 0",
        ),
        (
            "{check: PRICE_UNIT, upper_pct: '0.1234567'}",
            "policy.rules.0.upper_pct: decimal input should have no more than 6 decimal places",
        ),
        (
            "{check: PRICE_UNIT, from: 2026-02-01, until: 2026-01-01}",
            "policy.rules.0: from 2026-02-01 is after until 2026-01-01",
        ),
        ("{check: PRICE_UNIT, itm: X}", "policy.rules.0.itm: unknown key; did you mean item?"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path: Path, rule: str, said: str) -> None:
    found = check_company(company(tmp_path, more=rules(rule))).problems
    assert any(f"company.yaml:{END + 2}: {said}" in line for line in found), found


def test_two_rules_for_the_same_on_the_same_day_are_both_named(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        more=rules(
            "{check: PRICE_UNIT, item: X, until: 2026-06-30}",
            "{check: PRICE_UNIT, item: X, supplier: Y}",
            "{check: LINE_TOTAL, item: X}",
            "{check: PRICE_UNIT, item: X, from: 2026-06-30}",
        ),
    )
    assert found == [
        f"company.yaml:{END + 5}: policy.rules.3: two rules for PRICE_UNIT of item X from "
        f"2026-06-30 on: the other is rules.0, written at company.yaml:{END + 2}; leave one out, "
        "or let one end before the other begins"
    ]
    apart = rules(
        "{check: PRICE_UNIT, item: X, until: 2026-06-29}",
        "{check: PRICE_UNIT, item: X, from: 2026-06-30}",
    )
    assert len(loaded(tmp_path, more=apart).policy.rules) == 2


def test_a_matching_rule_says_something(tmp_path: Path) -> None:
    found = complaints(tmp_path, more="  matching:\n    - {supplier: X}\n")
    assert "policy.matching.0: say at least one of set_match_type" in found[0]


def versions(*heads: str) -> tuple[str, str]:
    """The company's policy as a list of versions with these first lines."""
    body = COMPANY.partition('  version: "1"\n')[2]
    items = []
    for head in heads:
        first, *more = head.split("; ")
        items.append(f"  - {first}\n" + "".join(f"    {line}\n" for line in more))
        items.append("".join(f"  {line}\n" for line in body.splitlines()))
    return '  version: "1"\n' + body, "".join(items)


def test_a_list_of_versions(tmp_path: Path) -> None:
    landscape = loaded(
        tmp_path, versions('version: "1"', 'version: "2"; in_force_from: 2026-07-01')
    )
    assert [p.version for p in landscape.policies] == ["1", "2"]
    assert landscape.policy.version == "2"
    assert landscape.policies[1].in_force_from == date(2026, 7, 1)
    assert landscape.policies[0].digest == landscape.policies[1].digest


def test_versions_must_be_told_apart(tmp_path: Path) -> None:
    found = complaints(tmp_path, versions('version: "1"', 'version: "1"'))
    first, second = COMPANY.splitlines().index("policy:") + 2, END + 1
    assert found == [
        f"company.yaml:{second}: policy.1.version: version 1 is written twice, also at "
        f"company.yaml:{first}; name one otherwise",
        f"company.yaml:{second}: policy.1.in_force_from: two versions in force from the "
        f"beginning, also the one at company.yaml:{first}; give each another in_force_from",
    ]


def test_an_error_in_a_version_names_its_line(tmp_path: Path) -> None:
    spoilt = versions('version: "1"', 'version: "2"; in_force_from: soon')
    (found,) = complaints(tmp_path, spoilt)
    assert ": policy.1.in_force_from: " in found


def test_the_digest_is_of_what_is_said_and_not_of_how() -> None:
    def policy(version: str, limit: str) -> Policy:
        return Policy.model_validate(
            {"version": version, "tolerances": {"PRICE_UNIT": {"upper_pct": limit}}}
        )

    assert policy("a", "2").digest == policy("b", "2.00").digest
    assert policy("a", "2").digest != policy("a", "2.01").digest
    assert policy("a", "2").label == f"a+{policy('a', '2').digest}"
    unchecked = Policy(version="a", tolerances={"PRICE_UNIT": Tolerance()})
    assert unchecked.digest != Policy(version="a", tolerances={}).digest


def test_the_schema_knows_one_policy_and_a_list_of_versions() -> None:
    schema = landscape_schema()
    one, several = schema["properties"]["policy"]["anyOf"]
    assert one == several["items"] == {"$ref": "#/$defs/Policy"}
    assert set(schema["$defs"]["ToleranceRule"]["properties"]["check"]["enum"]) == set(ALL_CHECKS)
