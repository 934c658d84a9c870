"""Conforming nested orders: full, after a change of 0.1 %, and against merely reading JSON.

Prints ratios of one run; see the README's section on performance. Orders have five items each, as
an OData service delivers them, landed as the connectors land them.

    python -m benchmarks.conform                 # 200,000 orders, 1,000,000 items
    python -m benchmarks.conform --memory        # peak memory at 1 and at 10 million items
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from finsync_dagster.connectors.extraction import Extraction, Page, Stated
from finsync_dagster.landing.landing import Circumstances, Landing
from finsync_dagster.orchestration.conforming import conform_system
from finsync_dagster.orchestration.workshop import Workshop

ITEMS = 5
COLUMNS = (
    "PurchaseOrder",
    "Supplier",
    "DocumentCurrency",
    "PurchaseOrderDate",
    "LastChange",
    "to_Item",
)
ITEM = (
    "PurchaseOrderItem",
    "Material",
    "PurchaseOrderItemText",
    "OrderQuantity",
    "PurchaseOrderQuantityUnit",
    "NetPriceAmount",
    "TaxCode",
    "IsCompletelyDelivered",
)
START = datetime(2026, 1, 1, tzinfo=UTC)

LANDSCAPE = """
company: Benchmark
group_currency: EUR
legal_entities:
  acme: {name: Acme, country: DE, functional_currency: EUR, owner: team:a, materiality: "1"}
systems:
  erp:
    connector: orders
    connection: {url_env: FINSYNC_BENCH_URL}
    entities: [acme]
    domains: [purchase_orders]
    owner: team:a
policy:
  version: "1"
  tolerances: {}
"""
SYSTEM = """
protocol: files
objects:
  orders: {glob: "*.csv", key: [PurchaseOrder]}
"""
MAPPINGS = """
code_maps: {uom: {EA: EA, KGM: KGM}}
mappings:
  - table: purchase_orders
    object: orders
    updated_at: stamp(LastChange)
    columns:
      po_id: id('orders', PurchaseOrder)
      po_number: PurchaseOrder
      supplier_src_id: id('suppliers', Supplier)
      ccy: DocumentCurrency
      order_date: day(PurchaseOrderDate)
      type: "'standard'"
      status_src: "'sent'"
      status_canon: "'sent'"
      buyer: "NULL"
      expected_date: "NULL"
      net_amount: "NULL"
      tax_amount: "NULL"
      charges_amount: "NULL"
      gross_amount: "NULL"
  - table: purchase_order_lines
    object: orders
    items: {path: to_Item.results, fields: [FIELDS]}
    row_key: item.PurchaseOrderItem
    updated_at: stamp(LastChange)
    columns:
      po_line_id: id('items', PurchaseOrder || '|' || item.PurchaseOrderItem)
      po_id: id('orders', PurchaseOrder)
      line_no: item.PurchaseOrderItem
      item_id: id('materials', item.Material)
      description: item.PurchaseOrderItemText
      match_type: "'3w'"
      match_basis: "'qty'"
      qty_ordered: exact(item.OrderQuantity)
      uom_order: code('uom', item.PurchaseOrderQuantityUnit)
      qty_ordered_base: exact(item.OrderQuantity)
      uom_base: code('uom', item.PurchaseOrderQuantityUnit)
      unit_price: exact(item.NetPriceAmount)
      price_unit: "1"
      net_amount: round(exact(item.OrderQuantity) * exact(item.NetPriceAmount), 2)
      tax_rate: "NULL"
      due_date: "NULL"
      delivery_complete: item.IsCompletelyDelivered
      cancelled: "FALSE"
""".replace("FIELDS", ", ".join(ITEM))


def order(number: int, rng: random.Random) -> dict[str, object]:
    """One order as a service delivers it."""
    items = [
        {
            "PurchaseOrderItem": str((i + 1) * 10),
            "Material": f"MAT{rng.randrange(50000):06d}",
            "PurchaseOrderItemText": f"Item text number {i}",
            "OrderQuantity": f"{rng.randrange(1, 100000) / 1000:.3f}",
            "PurchaseOrderQuantityUnit": rng.choice(["EA", "KGM"]),
            "NetPriceAmount": f"{rng.randrange(1, 1000000) / 100:.2f}",
            "TaxCode": "V1",
            "IsCompletelyDelivered": rng.choice(["true", "false"]),
        }
        for i in range(ITEMS)
    ]
    return {
        "PurchaseOrder": str(4500000000 + number),
        "Supplier": str(100000 + rng.randrange(20000)),
        "DocumentCurrency": rng.choice(["EUR", "USD", "GBP"]),
        "PurchaseOrderDate": f"2026-01-{1 + rng.randrange(28):02d}",
        "LastChange": f"2026-02-{1 + rng.randrange(28):02d}T10:00:00",
        "to_Item": {"results": items},
    }


def pages(numbers: Iterator[int] | range, rng: random.Random) -> Iterator[Page]:
    """Landed pages of 2,000 orders."""
    page: Page = []
    for number in numbers:
        values = order(number, rng)
        nested = json.dumps(values.pop("to_Item"), separators=(",", ":"))
        page.append((*(str(v) for v in values.values()), nested))
        if len(page) == 2000:
            yield page
            page = []
    if page:
        yield page


def land(landing: Landing, numbers: range, mode: str, hours: int, seed: int) -> None:
    """Land an extract of these orders."""
    at = START + timedelta(hours=hours)
    count = len(numbers)
    extraction = Extraction(
        "erp",
        "orders",
        "benchmark",
        COLUMNS,
        None,
        Stated(count, count, sums_table={}, sums_selected={}),
        pages(numbers, random.Random(seed)),
    )
    circumstances = Circumstances(mode, "benchmark", ["PurchaseOrder"], None, at, at)  # type: ignore[arg-type]
    landing.write(extraction, {}, circumstances)


def home(folder: Path) -> Workshop:
    """A home with the benchmark's landscape."""
    connector = folder / "landscape" / "connectors" / "orders"
    connector.mkdir(parents=True)
    (folder / "landscape" / "company.yaml").write_text(LANDSCAPE)
    (connector / "system.yaml").write_text(SYSTEM)
    (connector / "mappings.yaml").write_text(MAPPINGS)
    os.environ["FINSYNC_HOME"] = str(folder)
    os.environ["FINSYNC_LANDSCAPE"] = str(folder / "landscape")
    return Workshop()


def seconds(work: object) -> float:
    """Wall seconds of a call."""
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begin


def full(shop: Workshop, hour: int) -> object:
    """Conform everything landed anew."""
    return conform_system(shop, "erp", f"full-{hour}", START + timedelta(hours=hour), anew=True)


def peak(folder: Path, orders: int) -> int:
    """Peak memory of a process that conforms that many orders, in MB."""
    command = [sys.executable, "-m", "benchmarks.conform", "--child", str(folder), str(orders)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1])


def child(folder: Path, orders: int) -> None:
    """Conform what was landed in a folder, and print the peak of memory in MB."""
    os.environ["FINSYNC_HOME"] = str(folder)
    os.environ["FINSYNC_LANDSCAPE"] = str(folder / "landscape")
    full(Workshop(), 1)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def speed(folder: Path, orders: int, rounds: int) -> None:
    """The ratios of time."""
    shop = home(folder)
    land(shop.landing, range(orders), "full", 0, seed=1)
    raw = folder / "orders.ndjson"
    rng = random.Random(1)
    with raw.open("w") as file:
        for number in range(orders):
            file.write(json.dumps(order(number, rng), separators=(",", ":")) + "\n")
    item = pl.Struct(dict.fromkeys(ITEM, pl.String))
    schema = {c: pl.String for c in COLUMNS[:-1]} | {
        "to_Item": pl.Struct({"results": pl.List(item)})
    }
    first = seconds(lambda: full(shop, 1))
    reading, anew, changed = [], [], []
    for n in range(rounds):
        reading.append(seconds(lambda: pl.read_ndjson(raw, schema=schema)))
        anew.append(seconds(lambda n=n: full(shop, 10 * n + 2)))
        touched = range(n * 1000, n * 1000 + orders // 1000)
        land(shop.landing, touched, "incremental", 10 * n + 3, seed=100 + n)
        now = START + timedelta(hours=10 * n + 4)
        changed.append(seconds(lambda now=now: conform_system(shop, "erp", f"inc-{now}", now)))
    median = statistics.median
    print(f"orders {orders:,}, items {orders * ITEMS:,}; medians of {rounds} rounds, alternating")
    print(f"polars.read_ndjson, schema given            {median(reading):8.2f} s")
    print(f"landing to canonical, first time (stored)   {first:8.2f} s")
    print(
        f"landing to canonical, everything anew       {median(anew):8.2f} s"
        f"   {median(reading) / median(anew):.2f} x as fast as reading"
    )
    print(
        f"landing to canonical, 0.1 % changed         {median(changed):8.2f} s"
        f"   {100 * median(changed) / first:.1f} % of the first, "
        f"{100 * median(changed) / median(anew):.1f} % of anew"
    )


def main() -> None:
    """Parse arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args()
    if given.child:
        child(Path(given.child[0]), int(given.child[1]))
        return
    with tempfile.TemporaryDirectory() as place:
        if given.memory:
            found = []
            for factor in (1, 10):
                folder = Path(place) / str(factor)
                folder.mkdir()
                land(home(folder).landing, range(given.orders * factor), "full", 0, seed=1)
                found.append(peak(folder, given.orders * factor))
            print(
                f"peak memory {found[0]} MB, ten times the records {found[1]} MB: "
                f"{found[1] / found[0]:.2f} x"
            )
            return
        speed(Path(place), given.orders, given.rounds)


if __name__ == "__main__":
    main()
