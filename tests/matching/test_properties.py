"""What holds of every set of documents, whatever it contains."""

import dataclasses
import io
from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import AS_OF, ENTITY, EXACT, Ledger, policy
from tests.matching.reference.cases import ledger_of

SEEDS = st.integers(0, 10**6)
# A failing seed is its own example: shrinking a number makes the documents no smaller.
FEW = settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.generate])
TABLES = [field.name for field in dataclasses.fields(MatchResult)]

# A key of an order or of what belongs to it begins with the number of its case: C7P1I0/1.
OF_CASE = r"C(\d+)P"
OWNERS = {
    "purchase_orders": "po_id",
    "purchase_order_lines": "po_id",
    "receipt_lines": "receipt_line_id",
    "invoices": "invoice_id",
    "invoice_lines": "invoice_id",
}


def judged(docs: Documents, **looser: Any) -> MatchResult:
    """The result under a policy without any variance, but for what is given."""
    return match(docs, policy(**looser), AS_OF, ENTITY)


def file_of(frame: pl.DataFrame) -> bytes:
    """The frame as a Parquet file."""
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def only(docs: Documents, cases: set[int]) -> Documents:
    """The documents of some cases."""
    wanted = [str(case) for case in cases]
    frames = {}
    for field in dataclasses.fields(docs):
        frame = getattr(docs, field.name)
        if field.name in OWNERS and frame.height:
            number = pl.col(OWNERS[field.name]).str.extract(OF_CASE)
            frame = frame.filter(number.is_in(wanted))
        frames[field.name] = frame
    return Documents(**frames)


def together(parts: list[MatchResult], name: str) -> pl.DataFrame:
    """One table of several results, sorted as a whole."""
    frame = pl.concat([getattr(part, name) for part in parts])
    return frame.sort(frame.columns, nulls_last=True)


def assert_same(parts: list[MatchResult], whole: MatchResult) -> None:
    """The parts, put together, are the whole."""
    for name in TABLES:
        assert together(parts, name).equals(together([whole], name)), name


@pytest.mark.slow
@FEW
@given(SEEDS, st.integers(1, 10**6))
def test_the_order_of_rows_changes_no_byte(seed: int, shuffle: int) -> None:
    docs = ledger_of(seed, 20).documents()
    mixed = {
        field.name: getattr(docs, field.name).sample(fraction=1, shuffle=True, seed=shuffle + n)
        for n, field in enumerate(dataclasses.fields(docs))
    }
    first, again = judged(docs), judged(Documents(**mixed))
    for name in TABLES:
        assert file_of(getattr(first, name)) == file_of(getattr(again, name)), name


@pytest.mark.slow
@FEW
@given(SEEDS, st.integers(2, 5))
def test_parts_that_share_no_order_are_matched_one_by_one(seed: int, parts: int) -> None:
    docs = ledger_of(seed, 12).documents()
    split = [judged(only(docs, set(range(n, 12, parts)))) for n in range(parts)]
    assert_same(split, judged(docs))


@pytest.mark.slow
@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_what_came_later_concerns_only_its_own_orders(seed: int, rng: Any) -> None:
    ledger = ledger_of(seed, 12)
    later = set(rng.sample(range(12), 4))
    early = Ledger()
    for table, rows in ledger.rows.items():
        key = OWNERS[table]
        for row in rows:
            case = int(row[key].split("P")[0][1:])
            arrived = table.startswith("purchase") or case not in later or rng.random() < 0.5
            if table == "invoice_lines":
                arrived = any(r["invoice_id"] == row["invoice_id"] for r in early.rows["invoices"])
            if arrived:
                early.rows.setdefault(table, []).append(row)
    docs = ledger.documents()
    untouched = only(early.documents(), set(range(12)) - later)
    assert_same([judged(untouched), judged(only(docs, later))], judged(docs))


@FEW
@given(SEEDS)
def test_no_unit_received_is_billed_twice_nor_given_back_twice(seed: int) -> None:
    result = judged(ledger_of(seed, 40).documents())
    allocated = (
        result.allocations.drop_nulls("receipt_line_id")
        .group_by("receipt_line_id")
        .agg(_billed=pl.col("qty").sum())
    )
    receipts = result.receipt_status.join(allocated, on="receipt_line_id", how="left")
    billed = pl.col("_billed").fill_null(D(0))
    assert receipts.filter((billed < 0) | (billed > pl.col("qty_available"))).is_empty()
    assert receipts.filter(billed != pl.col("qty_invoiced")).is_empty()
    assert receipts.filter(billed > 0).height > 0


@FEW
@given(SEEDS)
def test_the_parts_of_a_line_are_its_net(seed: int) -> None:
    docs = ledger_of(seed, 40).documents()
    result = judged(docs)
    parts = result.allocations.group_by("invoice_line_id").agg(
        pl.col("qty").sum(),
        total=pl.sum_horizontal("amount_at_po_price", "price_variance", "rounding").sum(),
    )
    lines = result.invoice_line_results.join(parts, on="invoice_line_id")
    # A credit is allocated only so far as it credits what was invoiced.
    whole = lines.filter(pl.col("qty") == pl.col("qty_billed"))
    assert whole.height > 0
    assert whole.filter(pl.col("total") != pl.col("net_amount")).is_empty()
    allocated = result.allocations.group_by("po_line_id").agg(
        pl.col("qty").sum(), pl.col("amount_at_po_price").sum()
    )
    status = result.order_line_status.join(allocated, on="po_line_id")
    differs = (pl.col("qty") != pl.col("qty_invoiced")) | (
        pl.col("amount_at_po_price") != pl.col("invoiced_value")
    )
    assert status.filter(differs).is_empty()


@FEW
@given(SEEDS)
def test_every_line_of_a_live_invoice_has_one_outcome(seed: int) -> None:
    docs = ledger_of(seed, 40).documents()
    result = judged(docs)
    live = docs.invoices.filter(pl.col("status_canon") != "void")
    lines = docs.invoice_lines.join(live, on="invoice_id", how="semi")
    assert result.invoice_line_results["outcome"].null_count() == 0
    for told, known in (
        (result.invoice_line_results["invoice_line_id"], lines["invoice_line_id"]),
        (result.invoice_results["invoice_id"], live["invoice_id"]),
    ):
        assert sorted(told) == sorted(known)


LIMIT = st.sampled_from(["0", "0.01", "1", "5", "20"])
WIDER = st.sampled_from(["0", "0.5", "3"])


@pytest.mark.slow
@FEW
@given(SEEDS, st.sampled_from(["ALL", "ANY"]), st.data())
def test_wider_limits_block_no_more(seed: int, combine: str, data: st.DataObject) -> None:
    narrow: dict[str, dict[str, Any]] = {}
    wide: dict[str, dict[str, Any]] = {}
    for check in ("QTY_RECEIVED", "QTY_ORDERED", "PRICE_UNIT", "LINE_TOTAL", "DOC_ARITHMETIC"):
        names = [f"{side}_{kind}" for side in ("upper", "lower") for kind in ("abs", "pct")]
        limits = {name: D(data.draw(LIMIT)) for name in names}
        narrow[check] = {**limits, "combine": combine}
        more = {name: value + D(data.draw(WIDER)) for name, value in limits.items()}
        wide[check] = {**more, "combine": combine}
    docs = ledger_of(seed, 30).documents()
    tight, loose = judged(docs, **narrow), judged(docs, **wide)
    key = ["subject_id", "check", "basis"]
    stopped = [r.check_results.filter(effect="block").select(key) for r in (tight, loose)]
    assert stopped[1].join(stopped[0], on=key, how="anti").is_empty()
    results = [
        r.invoice_line_results.select("invoice_line_id", "outcome", "payable_amount")
        for r in (tight, loose)
    ]
    both = results[0].join(results[1], on="invoice_line_id", suffix="_wide")
    was_free = pl.col("outcome") != "BLOCKED"
    assert both.filter(was_free & (pl.col("outcome_wide") == "BLOCKED")).is_empty()
    bills = both.filter(pl.col("payable_amount") > 0)
    assert bills.filter(pl.col("payable_amount_wide") < pl.col("payable_amount")).is_empty()


@pytest.mark.parametrize("check", sorted(set(EXACT) - {"ORDER_TOTAL", "OPEN_BALANCE"}))
def test_a_check_without_limits_stops_the_run_whether_or_not_it_is_needed(check: str) -> None:
    strict = policy()
    rest = {name: row for name, row in strict.tolerances.items() if name != check}
    with pytest.raises(KeyError, match=check):
        match(Ledger().documents(), strict.model_copy(update={"tolerances": rest}), AS_OF, ENTITY)


MONEY = ("unit_price", "net_amount", "net", "tax", "gross", "charges", "limit_amount")


def in_hundreds(ledger: Ledger) -> Ledger:
    """The same documents in a currency with a minor unit a hundred times as large: yen that were
    cents."""
    made = Ledger()
    for table, rows in ledger.rows.items():
        for row in rows:
            scaled = {k: str(D(row[k]) * 100) for k in MONEY if row.get(k) is not None}
            ccy = {"ccy": "JPY"} if "ccy" in row else {}
            made.rows.setdefault(table, []).append({**row, **scaled, **ccy})
    return made


@FEW
@given(SEEDS)
def test_money_in_smaller_units_is_judged_alike(seed: int) -> None:
    ledger = ledger_of(seed, 20)
    for table in ("purchase_orders", "invoices"):
        ledger.rows[table] = [{**row, "ccy": "USD"} for row in ledger.rows.get(table, [])]
    for row in ledger.rows.get("invoices", []):
        # What was rounded to a currency of three decimals is no amount of dollars and cents.
        row.update({k: str(D(row[k]).quantize(D("0.01"))) for k in ("net", "tax", "gross")})
    for row in ledger.rows.get("invoice_lines", []):
        row["net_amount"] = str(D(row["net_amount"]).quantize(D("0.01")))
    cents, yen = ledger.match(), in_hundreds(ledger).match()
    outcome = ["invoice_line_id", "outcome", "qty_billed_to_date"]
    assert cents.invoice_line_results.select(outcome).equals(
        yen.invoice_line_results.select(outcome)
    )
    what = ["subject_id", "check", "basis", "direction", "passed", "effect"]
    assert cents.check_results.select(what).equals(yen.check_results.select(what))
    codes = ["reason_code", "subject_id", "counter_key"]
    assert cents.findings.select(codes).equals(yen.findings.select(codes))
