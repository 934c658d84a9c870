"""Conforming with its stores: only what changed, and everything anew whenever that is in doubt."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.connectors.extraction import Extraction, Stated
from finsync_dagster.landing.landing import Circumstances
from finsync_dagster.orchestration import conforming
from finsync_dagster.orchestration.conforming import NothingLandedError, Outcome, conform_system
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.storage.lake import Lake

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = ("Number", "Supplier", "Date", "Net")
LANDSCAPE = """
company: Small
group_currency: EUR
legal_entities:
  acme: {name: Acme, country: DE, functional_currency: EUR, owner: "team:a", materiality: "1"}
systems:
  erp:
    connector: small
    connection: {url_env: FINSYNC_SMALL_URL}
    entities: [acme]
    domains: [purchase_orders]
    owner: "team:a"
policy: {version: "1", tolerances: {}}
"""
SYSTEM = """
protocol: files
objects:
  orders: {glob: "*.csv", key: [Number]}
"""
MAPPINGS = """
mappings:
  - table: purchase_orders
    object: orders
    columns: &order
      po_id: id('orders', Number)
      po_number: Number
      supplier_src_id: id('suppliers', Supplier)
      ccy: "'EUR'"
      order_date: day(Date)
      type: "'standard'"
      status_src: "'sent'"
      status_canon: "'sent'"
      buyer: "NULL"
      expected_date: "NULL"
      net_amount: exact(Net)
      tax_amount: "NULL"
      charges_amount: "NULL"
      gross_amount: "NULL"
"""


@dataclass
class Small:
    """A home with one system, whose extracts are landed by hand."""

    shop: Workshop
    folder: Path
    hour: int = 0

    def land(self, *rows: tuple[str | None, ...], full: bool = True) -> None:
        """Land an extract."""
        self.hour += 1
        at = START + timedelta(hours=self.hour)
        stated = Stated(len(rows), len(rows), sums_table={}, sums_selected={})
        extraction = Extraction(
            "erp", "orders", "by hand", FIELDS, None, stated, iter([list(rows)])
        )
        mode: Any = "full" if full else "incremental"
        self.shop.landing.write(
            extraction, {}, Circumstances(mode, "by hand", ["Number"], None, at, at)
        )

    def conform(self, *, anew: bool = False) -> Outcome:
        """Conform, one hour after the last time."""
        self.hour += 1
        now = START + timedelta(hours=self.hour)
        return conform_system(self.shop, "erp", f"run-{self.hour}", now, anew=anew)

    def orders(self) -> pl.DataFrame:
        """Current orders without times."""
        found = self.shop.lake.current(TABLES["purchase_orders"]).collect().sort("po_number")
        return found.drop(c for c in AUDIT_COLUMNS if c not in ("record_id", "row_hash"))

    def versions(self) -> int:
        """Number of versions stored."""
        return self.shop.lake.read(TABLES["purchase_orders"]).collect().height


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    connector = tmp_path / "company" / "connectors" / "small"
    connector.mkdir(parents=True)
    (tmp_path / "company" / "company.yaml").write_text(LANDSCAPE)
    (connector / "system.yaml").write_text(SYSTEM)
    (connector / "mappings.yaml").write_text(MAPPINGS)
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(tmp_path / "company"))
    return Small(Workshop(), tmp_path)


def row(number: str | None, net: str = "10") -> tuple[str | None, ...]:
    return (number, "7", "2026-01-02", net)


def test_nothing_landed_is_said(small: Small) -> None:
    with pytest.raises(NothingLandedError, match="erp: orders has never been extracted"):
        small.conform()


def test_only_what_changed_is_conformed(small: Small) -> None:
    small.land(row("1"), row("2"), row("3"))
    assert small.conform().why_anew == "nothing is held yet"
    small.land(row("2", "11"), row("4"), full=False)
    done = small.conform()
    assert done.why_anew == ""
    assert done.tables["purchase_orders"].changed == 2
    received = done.conservation.filter(pl.col("measure") == "records")["received"].to_list()
    assert [int(n) for n in received] == [2]
    assert done.conservation["holds"].all()
    assert small.orders()["po_number"].to_list() == ["1", "2", "3", "4"]
    assert small.versions() == 5
    again = small.conform()
    assert (again.why_anew, again.tables["purchase_orders"].changed) == ("", 0)
    assert small.versions() == 5


def test_a_snapshot_without_a_record_withdraws_it(small: Small) -> None:
    small.land(row("1"), row("2"))
    small.conform()
    small.land(row("2"))
    done = small.conform()
    assert (done.why_anew, done.tables["purchase_orders"].withdrawn) == ("", 1)
    assert small.orders()["po_number"].to_list() == ["2"]
    small.land(row("1"), row("2"))
    small.conform()
    assert small.orders()["po_number"].to_list() == ["1", "2"]


def test_a_lost_holding_is_built_again_and_nothing_is_written_twice(small: Small) -> None:
    small.land(row("1"), row("2"))
    small.conform()
    small.land(row("2", "12"), full=False)
    small.conform()
    before, versions = small.orders(), small.versions()
    shutil.rmtree(small.shop.settings.holdings)
    assert small.conform().why_anew == "nothing is held yet"
    assert small.orders().equals(before)
    assert small.versions() == versions


def test_a_damaged_holding_is_built_again(small: Small) -> None:
    small.land(row("1"))
    small.conform()
    (small.shop.settings.holdings / "erp.duckdb").write_bytes(b"not a database" * 1000)
    assert small.conform().why_anew == "nothing is held yet"
    assert small.versions() == 1


def test_a_changed_mapping_conforms_everything_anew(small: Small) -> None:
    small.land(row("1"), row("2"))
    small.conform()
    path = small.folder / "company" / "connectors" / "small" / "mappings.yaml"
    path.write_text(MAPPINGS.replace("ccy: \"'EUR'\"", "ccy: \"'USD'\""))
    small.shop = Workshop()
    done = small.conform()
    assert done.why_anew == "mappings or objects were changed"
    assert small.orders()["ccy"].to_list() == ["USD", "USD"]
    assert done.tables["purchase_orders"].changed == 2


def test_a_repaired_mapping_releases_what_waited(small: Small) -> None:
    small.land(row("1"), row("2", "1.234,50"))
    assert small.conform().quarantine["source_pk"].to_list() == ["2"]
    path = small.folder / "company" / "connectors" / "small" / "mappings.yaml"
    path.write_text(MAPPINGS.replace("exact(Net)", "number(Net, ',')"))
    small.shop = Workshop()
    assert small.conform().quarantine.is_empty()
    assert small.orders().height == 2


def test_a_repaired_record_leaves_quarantine_by_itself(small: Small) -> None:
    small.land(row("1"), row("2", "ten"), row(None))
    done = small.conform()
    assert sorted(done.quarantine["source_pk"].unique()) == ["(no key)", "2"]
    small.land(row("1"), row("2", "10"), row("3"))
    done = small.conform()
    assert done.why_anew == ""
    assert done.quarantine.is_empty()
    assert small.orders()["po_number"].to_list() == ["1", "2", "3"]
    assert small.shop.lake.read(conforming.QUARANTINE).collect().is_empty()


@pytest.mark.parametrize("where", ["append_batches", "replace", "append"])
def test_stopped_anywhere_the_next_run_makes_it_whole(
    small: Small, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after a store was written, before the next: the holding is not believed."""
    small.land(row("1"), row("2", "ten"))
    small.conform()
    small.land(row("1", "99"), row("2", "20"), row("3"), full=False)
    original = getattr(Lake, where)

    def dies(self: Lake, *given: Any, **named: Any) -> Any:
        original(self, *given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, where, dies)
        with pytest.raises(KeyboardInterrupt):
            small.conform()
    done = small.conform()
    assert done.conservation["holds"].all()
    assert done.quarantine.is_empty()
    assert small.shop.lake.read(conforming.QUARANTINE).collect().is_empty()
    orders = small.orders()
    assert orders["po_number"].to_list() == ["1", "2", "3"]
    assert [str(n) for n in orders["net_amount"]] == ["99.0000", "20.0000", "10.0000"]
    assert small.versions() == 4, "1, then 1 changed, 2 and 3: none of them twice"


@pytest.mark.parametrize("first", [True, False])
def test_stopped_while_conforming_anew(
    small: Small, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run made anew has kept so far is not taken for the whole."""
    small.land(row("1"), row("2"))
    if not first:
        small.conform()
        small.land(row("2"), row("3"))

    def dies(*given: Any, **named: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "append_batches", dies)
        with pytest.raises(KeyboardInterrupt):
            small.conform(anew=True)
    done = small.conform()
    assert done.why_anew == "nothing is held yet"
    assert done.conservation["holds"].all()
    assert small.orders()["po_number"].to_list() == (["1", "2"] if first else ["2", "3"])


def test_anew_changes_nothing_that_is_as_it_was(small: Small) -> None:
    small.land(row("1"), row("2", "ten"))
    small.conform()
    before = small.versions()
    done = small.conform(anew=True)
    assert done.why_anew == "asked for"
    assert done.tables["purchase_orders"].stored
    assert small.versions() == before


def test_every_version_is_later_than_the_one_before(small: Small) -> None:
    """Also when the clock stands still, or a run is repeated with the moment it began."""
    small.land(row("1"))
    small.conform()
    small.hour -= 2
    small.land(row("1", "11"), full=False)
    small.hour -= 5
    small.conform()
    stored = small.shop.lake.read(TABLES["purchase_orders"]).collect()
    assert stored["valid_from"].n_unique() == 2
    assert [str(n) for n in small.orders()["net_amount"]] == ["11.0000"]
