"""Three systems that the project has never seen, onboarded by YAML alone, figures to the cent.

Belongs here: the way of somebody who has just installed finsync, with the command itself: a German
ERP that leaves files, two legal entities in it; an American tool for payables; a database. What is
published is compared with sums of the decimals from which this module wrote the sources. Not here:
the YAML (onboarding.py), each word of a connector or helper (tests/connectors, tests/canonical).
"""

from __future__ import annotations

import csv
import io
import sqlite3
from dataclasses import dataclass
from decimal import Decimal as D
from pathlib import Path

import pytest

from tests.pipeline import onboarding
from tests.pipeline.homes import Home


@dataclass(frozen=True)
class Line:
    """An order line of the ERP, from which its files are written and the sums are taken."""

    order: int
    company: str
    qty: D
    price: D
    per: int

    @property
    def net(self) -> D:
        return (self.qty * self.price / self.per).quantize(D("0.01"))


LINES = [
    Line(4500000001, "1000", D("1234.5"), D("1234.00"), 100),
    Line(4500000002, "2000", D("3"), D("99999.99"), 1),
    Line(4500000003, "1000", D("0.125"), D("8000"), 1000),
    Line(4500000011, "2000", D("12000"), D("0.05"), 1),
]
INVOICES = {"us": [D("1234.56"), D("-1234.56"), D("1500")], "uk": [D("0.10"), D("-0.20")]}
MEMOS = ["=cmd|'/C calc'!A0", "<b>bold</b>", "two\nlines", 'said "ok", twice', "🚀"]


def german(figure: D, places: int = 2) -> str:
    """1.234,50 and 1.234,50-."""
    text = f"{abs(figure):,.{places}f}".translate(str.maketrans(",.", ".,"))
    return text + ("-" if figure < 0 else "")


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def write_erp(drop: Path) -> None:
    """Three encodings, three headers, keys as spreadsheets leave them, footers, a ragged row."""
    a, b, c, d = LINES
    head = "Bestellnr;Buchungskreis;Lieferant;Belegdatum;Nettowert\n"
    row = "{};{};70001;31.12.2025;{}\n"
    first = head + row.format(a.order, a.company, german(a.net))
    write(drop / "best/koepfe_1.csv", first, "utf-16")
    write(drop / "best/koepfe_2.csv", first, "cp1252")  # the same delivered again
    write(
        drop / "best/koepfe_3.csv",
        "Bericht ME2N;;\n\n Nettowert ;BESTELL-NR.;BuKr;Kreditor;Belegdatum\n"
        + "".join(
            f"{german(x.net)};{key};{x.company};70001.0;31.12.2025\n"
            for x, key in ((b, "4500000002.0"), (c, "4.500000003E9"), (d, "4500000011"))
        )
        + "Summe;;;;\n",
        "utf-8-sig",
    )
    rows = "".join(
        f"{x.order};10;Öl;{german(x.qty, 3)};KG;{german(x.price)};{x.per};{german(x.net)}\n"
        for x in LINES
    )
    write(drop / "best/pos.csv", "Bestellnr;Pos;Text;Menge;ME;Preis;PE;Netto\n" + rows, "cp1252")
    write(
        drop / "we/2026-01-05.csv",
        f"WE-Nr;Bestellung;BestPos;Menge;S/H;Datum\n1;{a.order}.0;10;1.234,500;S;05.01.2026\n"
        f"2;{a.order};10;34,5;H;05.01.2026\nSumme;;;1.200,000;;\n",
    )
    write(
        drop / "we/2026-01-06.csv",
        "Wareneingänge\n"
        "Lager; MENGE ;Soll/Haben;Beleg;Einkaufsbeleg;Bestellposition;Buchungsdatum\n"
        f"L1;3;S;3;{b.order};10;06.01.2026\nL1;1;S;4;{b.order}\n",
        "cp1252",
    )
    write(
        drop / "rechnungen.csv",
        "Belegnr;BuKr;Referenz;Kreditor;Datum;Netto;S/H\n"
        f"1;1000;RE 1;70001;02.02.2026;{german(a.net)};H\n"
        "1002;2000;RE 2;70001;03.02.2026;1 000,01;S\n",
        "cp1252",
    )


def american(figure: D) -> str:
    """1,234.56, (1,234.56), and 1.5E+3 for round ones."""
    if figure == figure.to_integral():
        return f"{figure:.1E}"
    return f"{figure:,.2f}" if figure >= 0 else f"({-figure:,.2f})"


def write_payables(drop: Path, *, spoilt: bool) -> None:
    """Both files state 4 March 2026, each in its own way. Spoilt: a total with a currency."""
    lines = io.StringIO()
    table = csv.writer(lines)
    table.writerow(["Invoice", "Line", "Memo", "Amount"])
    memos = iter(MEMOS)
    for country, stated in (("us", "03/04/2026"), ("uk", "04/03/2026")):
        heads = "Invoice,Vendor,Kind,Date,Total\n"
        for n, total in enumerate(INVOICES[country]):
            figure = f"EUR {total}" if spoilt and (country, n) == ("uk", 0) else american(total)
            heads += f'{country}{n},V1,{"INV" if total > 0 else "CM"},{stated},"{figure}"\n'
            table.writerow([f"{country}{n}", 1, next(memos), american(total)])
        write(drop / country / "invoices.csv", heads)
    write(drop / "lines.csv", lines.getvalue(), "utf-8-sig")


def change_store(path: Path, *statements: str) -> None:
    """Do something to the database, as its users would."""
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def write_store(path: Path) -> None:
    """Three orders of two lines, each received; a fourth is in a book that is not asked for."""
    change_store(
        path,
        "CREATE TABLE po (guid INTEGER PRIMARY KEY, doc TEXT, is_del INTEGER, n_lines INTEGER,"
        " total NUMERIC, book TEXT, chg TEXT)",
        "CREATE TABLE po_line (guid INTEGER, ln INTEGER, q NUMERIC, p NUMERIC, amt NUMERIC)",
        "CREATE TABLE rcv (rid INTEGER, guid INTEGER, ln INTEGER, q NUMERIC, chg TEXT)",
        "CREATE TABLE purge_log (logno INTEGER, ref INTEGER)",
        *(
            f"INSERT INTO po VALUES ({g}, 'PO{g}', 0, 2, 30.03, 'P', '2026-01-0{g} 10:00:00')"
            for g in (1, 2, 3)
        ),
        "INSERT INTO po VALUES (4, 'PO4', 0, 1, 99, 'X', '2026-01-04 10:00:00')",
        *(
            f"INSERT INTO po_line VALUES ({g}, {n}, {n}, 10.01, {n * 10.01})"
            for g in (1, 2, 3)
            for n in (1, 2)
        ),
        *(
            f"INSERT INTO rcv VALUES ({g}{n}, {g}, {n}, {n}, '2026-02-0{g} 10:00:00')"
            for g in (1, 2, 3)
            for n in (1, 2)
        ),
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The landscape, the drops and the database of a company; nothing has been run."""
    land = tmp_path / "land"
    write(land / "company.yaml", onboarding.COMPANY)
    for name, reads, means in (
        ("erp", onboarding.ERP, onboarding.ERP_MEANS),
        ("payables", onboarding.PAYABLES, onboarding.PAYABLES_MEANS),
        ("store", onboarding.STORE, onboarding.STORE_MEANS),
    ):
        write(land / "connectors" / name / "system.yaml", reads)
        write(land / "connectors" / name / "mappings.yaml", means)
    write_erp(tmp_path / "erp")
    write_payables(tmp_path / "payables", spoilt=True)
    write_store(tmp_path / "store.sqlite")
    return Home(
        tmp_path / "home",
        (
            ("FINSYNC_LANDSCAPE", str(land)),
            ("WEBER_ERP", f"file://{tmp_path}/erp"),
            ("HARBOR_PAYABLES", f"file://{tmp_path}/payables"),
            ("HARBOR_STORE", f"sqlite:///{tmp_path}/store.sqlite"),
        ),
    )


# table → the figure added up, rows by the legal entity that holds them
FIGURES = {
    "purchase_orders": "net_amount",
    "purchase_order_lines": "net_amount",
    "receipt_lines": "qty",
    "invoices": "gross",
    "invoice_lines": "net_amount",
}


def published(home: Home) -> dict[tuple[str, str], tuple[int, D]]:
    """(table, entity) → current rows, and the sum of their figure."""
    assert home.one("SELECT count(*) FROM operations.conservation WHERE NOT holds") == 0
    assert home.one("SELECT count(*) FROM operations.source_status WHERE status <> 'ok'") == 0
    return {
        (table, entity): (rows, total)
        for table, figure in FIGURES.items()
        for entity, rows, total in home.ask(
            f"SELECT entity_id, count(*), sum({figure}) FROM canonical.{table} GROUP BY ALL"
        )
    }


def of_erp() -> dict[tuple[str, str], tuple[int, D]]:
    """What the ERP's decimals add up to; nothing of it is spoilt but one line without its end."""
    nets = {c: [x.net for x in LINES if x.company == c] for c in ("1000", "2000")}
    de, at = nets["1000"], nets["2000"]
    return {
        ("purchase_orders", "weber_de"): (2, sum(de)),
        ("purchase_orders", "weber_at"): (2, sum(at)),
        ("purchase_order_lines", "weber_de"): (2, sum(de)),
        ("purchase_order_lines", "weber_at"): (2, sum(at)),
        ("receipt_lines", "weber_de"): (2, D("1234.5") - D("34.5")),
        ("receipt_lines", "weber_at"): (1, D(3)),
        ("invoices", "weber_de"): (1, LINES[0].net),
        ("invoices", "weber_at"): (1, -D("1000.01")),
    }


def of_harbor(
    invoices: list[D], orders: tuple[int, D], lines: tuple[int, D], received: tuple[int, D]
) -> dict[tuple[str, str], tuple[int, D]]:
    """What the American company's two systems should amount to."""
    return {
        ("purchase_orders", "harbor"): orders,
        ("purchase_order_lines", "harbor"): lines,
        ("receipt_lines", "harbor"): received,
        ("invoices", "harbor"): (len(invoices), sum(invoices, D(0))),
        ("invoice_lines", "harbor"): (len(invoices), sum(invoices, D(0))),
    }


def test_three_unknown_systems(home: Home, tmp_path: Path) -> None:
    checked = home.finsync("landscape", "check")
    assert checked.code == 0, checked.text

    # Two records cannot be read. They wait, with what belongs to them; every other figure is there.
    done = home.finsync("run")
    assert done.code == 1
    assert "5 of 5 runs succeeded" in done.text
    assert done.text.count("set aside: canonical/erp/receipt_lines") == 1  # two runs conform it
    totals = [*INVOICES["us"], *INVOICES["uk"]]
    two_lines = D("10.01") + D("20.02")
    good = [t for t in totals if t != D("0.10")]
    assert published(home) == of_erp() | of_harbor(
        good, (3, 3 * D("30.03")), (6, 3 * two_lines), (6, D(9))
    )
    assert home.ask(
        "SELECT DISTINCT source_system, source_object, source_pk, reason_code "
        "FROM operations.quarantine ORDER BY ALL"
    ) == [
        ("erp", "receipts", "(no key)", "RECORD_NOT_READABLE"),
        ("payables", "invoices", "uk0", "VALUE_NOT_READABLE"),
        ("payables", "lines", "uk0|1", "PARENT_MISSING"),
    ]
    assert home.ask(
        "SELECT DISTINCT invoice_date::VARCHAR FROM canonical.invoices "
        "WHERE source_system = 'payables'"
    ) == [("2026-03-04",)]
    assert home.ask(
        "SELECT description FROM canonical.invoice_lines ORDER BY invoice_line_id DESC"
    ) == [(m,) for m in [*MEMOS[2::-1], MEMOS[4]]]

    # Repaired in the sources; and meanwhile a correction, a deletion, a flag, a silent change.
    first = LINES[0]
    write(
        tmp_path / "erp/best/koepfe_4.csv",
        "Bestellnr;Buchungskreis;Lieferant;Belegdatum;Nettowert\n"
        f"{first.order};1000;70001;31.12.2025;{german(first.net + 1)}\n",
    )
    short = tmp_path / "erp/we/2026-01-06.csv"
    write(short, short.read_text("cp1252").replace("L1;1;S;4;4500000002", ""), "cp1252")
    write_payables(tmp_path / "payables", spoilt=False)
    change_store(
        tmp_path / "store.sqlite",
        "DELETE FROM rcv WHERE rid = 11",
        "INSERT INTO purge_log VALUES (1, 11)",
        "DELETE FROM rcv WHERE guid = 3",
        "UPDATE po SET is_del = 1, chg = '2026-03-01 10:00:00' WHERE guid = 3",
        "UPDATE po SET total = 30.04 WHERE guid = 2",
    )
    again = home.finsync("run")
    assert again.code == 0, again.text
    erp = of_erp() | {
        ("purchase_orders", "weber_de"): (2, first.net + 1 + LINES[2].net),
    }
    expected = erp | of_harbor(totals, (2, D("60.07")), (4, 2 * two_lines), (3, D(5)))
    assert published(home) == expected
    assert home.one("SELECT count(*) FROM operations.quarantine") == 0

    # Another mapping of one column: what was landed is conformed anew, and nothing else changes.
    write(tmp_path / "land/override.yaml", onboarding.OVERRIDE)
    extracts = home.one("SELECT count(*) FROM operations.extracts")
    replayed = home.finsync("replay", "--everything")
    assert replayed.code == 0, replayed.text
    assert home.one("SELECT count(*) FROM operations.extracts") == extracts
    assert published(home) == expected
    assert home.ask(
        "SELECT DISTINCT tax_rate FROM canonical.purchase_order_lines WHERE source_system = 'erp'"
    ) == [(D(19),)]
    verified = home.finsync("landing", "verify")
    assert verified.code == 0, verified.text
