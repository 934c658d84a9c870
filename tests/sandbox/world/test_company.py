"""What is fixed about the group fits together."""

from decimal import Decimal

from finsync_dagster.sandbox.world import company, names
from finsync_dagster.sandbox.world.reading import World
from finsync_dagster.sandbox.world.schema import BY_NAME


def test_entities_have_a_value_a_column() -> None:
    assert all(len(row) == len(BY_NAME["entity"].columns) for row in company.ENTITIES)


def test_accounts_taxes_and_units_are_named_once() -> None:
    for keys in (
        [row[0] for row in company.GL_ACCOUNTS],
        [row[:2] for row in company.TAX_CODES],
        [row[:3] for row in company.UOM_CODES],
    ):
        assert len(keys) == len(set(keys))


def test_every_country_has_all_a_supplier_needs() -> None:
    assert set(names.LEGAL_FORMS) == set(names.CITIES) == set(names.STREETS) == set(names.CURRENCY)
    forms = {form for country in names.LEGAL_FORMS.values() for form in country}
    for form in forms:
        spelled = {names.respelled("Müllner Stahl", form, way) for way in range(names.SPELLINGS)}
        assert len(spelled) == names.SPELLINGS


def test_rates_are_around_their_middle(world: World) -> None:
    low, high = (
        world.connect()
        .execute(
            "SELECT min(rate), max(rate) FROM fx_rate_used"
            " WHERE from_currency = 'USD' AND to_currency = 'EUR'"
        )
        .fetchall()[0]
    )
    assert Decimal("0.90") < low < Decimal("0.9215") < high < Decimal("0.945")


def test_suppliers_are_spelled_differently(world: World) -> None:
    spelled = (
        world.connect()
        .execute(
            "SELECT count(*) FROM (SELECT supplier_id FROM supplier_account GROUP BY ALL"
            " HAVING count(DISTINCT name) > 1)"
        )
        .fetchall()[0][0]
    )
    total = world.connect().execute("SELECT count(*) FROM supplier").fetchall()[0][0]
    assert total >= 40
    assert spelled > total // 2
