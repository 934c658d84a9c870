"""Landscape files: what is accepted, and how an error tells what to do."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from finsync_dagster.landscape.load import DEMO, LandscapeError, load_landscape
from finsync_dagster.landscape.model import Domain
from tests.landscape.company import COMPANY, END, company, complaints, loaded


def test_the_demo_is_valid() -> None:
    demo = load_landscape(DEMO)
    assert set(demo.legal_entities) == {
        "adventureworks",
        "lumen_de",
        "lumen_fr",
        "lumen_ie",
        "lumen_uk",
        "lumen_us",
        "tryton_sub",
        "wwi",
    }
    assert demo.group_currency == "EUR"
    assert Domain.INVOICES not in demo.domains_of("adventureworks")
    assert set(demo.reference_systems()) == {"ecb"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "functional_currency: EUR",
            "functional_currency: euro",
            "company.yaml:7: legal_entities.acme.functional_currency: string should match pattern "
            "'^[A-Z]{3}$', such as EUR",
        ),
        (
            'materiality: "1000"',
            "materiality: 0.1",
            "company.yaml:9: legal_entities.acme.materiality: write this number in quotes, so that "
            'it is read exactly: "0.1"',
        ),
        (
            "owner: team:ap",
            "ownr: team:ap",
            "company.yaml:4: legal_entities.acme.owner: is missing",
        ),
        (
            "[purchase_orders, invoices]",
            "[purchase_orders, invoces]",
            "company.yaml:15: systems.old_erp.domains.1: 'invoces' is not allowed; did you mean "
            "invoices? valid choices are suppliers, items, purchase_orders, receipts, invoices, "
            "payments, fx_rates, requisitions, approvals, expenses, ledger",
        ),
        (
            'upper_pct: "2"',
            'uper_pct: "2"',
            "company.yaml:28: policy.tolerances.PRICE_UNIT.uper_pct: unknown key; did you mean "
            "upper_pct? valid choices are above, below, combine, lower_abs, lower_pct, upper_abs, "
            "upper_pct",
        ),
        (
            'version: "1"',
            "version: 1.0",
            "company.yaml:24: policy.version: YAML does not read 1.0 as text; write it in quotes: "
            '"1.0"',
        ),
        (
            "country: DE",
            "country: NO",
            "company.yaml:6: legal_entities.acme.country: YAML does not read NO as text; write it "
            'in quotes: "NO"',
        ),
        (
            "country: DE",
            "country: DE\n    calendar: {timezone: Europe/Berln}",
            "company.yaml:7: legal_entities.acme.calendar.timezone: 'Europe/Berln' is no time "
            "zone; did you mean Europe/Berlin? write a name of the tz database, such as "
            "Europe/Berlin",
        ),
        (
            "{url_env: OLD_ERP_URL}",
            '{url_env: OLD_ERP_URL, default: "postgresql://me:hunter2@host/db"}',
            "company.yaml:13: systems.old_erp.connection.default: this address holds a password: "
            "name it, do not write it; leave default out and set the variable of url_env to the "
            "address",
        ),
        (
            "{url_env: OLD_ERP_URL}",
            "{url_env: OLD_ERP_URL, secrets: {password: hunter2}}",
            "company.yaml:13: systems.old_erp.connection.secrets.password: string should match "
            "pattern '^env:[A-Z][A-Z0-9_]*$', such as env:SAP_PASSWORD",
        ),
        (
            "policy:",
            "intraday_cron: 0 7-25 * * 1-5\npolicy:",
            "company.yaml:23: intraday_cron: hour '7-25' is not a number from 0 to 23, a range "
            "such as 0-23, a list, or * with a step such as */2",
        ),
        (
            "entities: [acme]",
            "entities: [acmee]",
            "company.yaml:14: systems.old_erp.entities.0: 'acmee' is not among legal_entities; did "
            "you mean acme? valid choices are acme",
        ),
    ],
)
def test_an_error_names_line_path_and_choices(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    found = complaints(tmp_path, (old, new))
    assert said in found
    assert "hunter2" not in "".join(found)


def test_all_errors_are_told_at_once_in_order_of_lines(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        ("group_currency: EUR", "group_currency: 1"),
        ("entities: [acme]", "entities: [x]"),
    )
    assert [line.split(": ")[:2] for line in found] == [
        ["company.yaml:2", "group_currency"],
        ["company.yaml:14", "systems.old_erp.entities.0"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "company.yaml:2: not YAML: did not find expected ',' or ']'"),
        ("a: 1\nb: 2\na: 3\n", "company.yaml:3: a: is already written in line 1; keep one of them"),
        (
            "a: 1\non: 2\n",
            'company.yaml:2: YAML reads the key on as true or false; write it in quotes: "on"',
        ),
        ("a: &x {b: *x}\n", "company.yaml:1: an alias may not stand inside what it names"),
        ("[a]: 1\n", "company.yaml:1: a key must be a word, not a list or mapping"),
        ("a: 2026-13-01\n", "company.yaml:1: '2026-13-01' cannot be read: month must be in 1..12"),
    ],
)
def test_yaml_that_cannot_be_read_as_meant(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(text)
    with pytest.raises(LandscapeError) as error:
        load_landscape(file)
    assert str(error.value).replace(f"{tmp_path}/", "") == said


def test_a_missing_file_says_which_variable_to_set(tmp_path: Path) -> None:
    with pytest.raises(LandscapeError, match="FINSYNC_LANDSCAPE must name a YAML file or a folder"):
        load_landscape(tmp_path / "none.yaml")


def test_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = COMPANY.replace("  acme:\n", "  acme: &acme\n").replace(
        "systems:\n", "  beta:\n    <<: *acme\n    name: Beta\nsystems:\n", 1
    )
    file = tmp_path / "company.yaml"
    file.write_text(text)
    landscape = load_landscape(file)
    assert landscape.legal_entities["beta"].name == "Beta"
    assert landscape.legal_entities["beta"].owner == landscape.legal_entities["acme"].owner


def test_a_check_without_limits_fails_closed() -> None:
    policy = load_landscape(DEMO).policy
    with pytest.raises(KeyError, match="NO_SUCH_CHECK"):
        policy.tolerance("NO_SUCH_CHECK", "wwi")


def test_freshness_is_hours_per_refresh_class(tmp_path: Path) -> None:
    assert loaded(tmp_path).max_age("transactional") == timedelta(hours=6)
    own = loaded(tmp_path, more="freshness: {close_critical: 1h}\n")
    assert own.max_age("close_critical") == timedelta(hours=1)
    assert own.max_age("reference") == timedelta(hours=24)
    assert complaints(tmp_path, more="freshness: {reference: 1 day}\n") == [
        f"company.yaml:{END + 1}: freshness.reference: string should match pattern "
        "'^[1-9][0-9]{0,3}h$', such as 24h"
    ]


IN_FORCE = (
    "    in_force: {from: 2020-01-01, until: 2026-06-30, entities: {beta: {until: 2025-12-31}}}\n"
)
BETA = (
    "systems:\n",
    "  beta: {name: B, country: DE, functional_currency: EUR, owner: b, materiality: 1}\n"
    "systems:\n",
)
SERVES_BOTH = ("    entities: [acme]\n", "    entities: [acme, beta]\n" + IN_FORCE)


@pytest.mark.parametrize(
    ("entity", "day", "asked"),
    [
        ("acme", date(2019, 12, 31), False),
        ("acme", date(2020, 1, 1), True),
        ("acme", date(2026, 6, 30), True),
        ("acme", date(2026, 7, 1), False),
        ("beta", date(2025, 12, 31), True),
        ("beta", date(2026, 1, 1), False),
    ],
)
def test_a_system_in_force_for_a_time(tmp_path: Path, entity: str, day: date, asked: bool) -> None:
    landscape = loaded(tmp_path, BETA, SERVES_BOTH)
    assert ("old_erp" in landscape.systems_asked(entity, day)) == asked
    assert "old_erp" in landscape.systems_of(entity)


def test_in_force_is_for_systems_of_entities(tmp_path: Path) -> None:
    found = complaints(tmp_path, ("    entities: [acme]\n", "    in_force: {from: 2020-01-01}\n"))
    assert found == [
        "company.yaml:11: systems.old_erp: in_force is for systems of legal entities; one that "
        "serves the whole group is asked until it is taken out of the landscape"
    ]


def test_the_file_itself_is_valid(tmp_path: Path) -> None:
    assert load_landscape(company(tmp_path)).company == "Acme group"
