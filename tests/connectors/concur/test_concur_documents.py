"""Concur's connector: financial documents as the vendor shows them, in both envelopes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.concur.service import SECRETS, Concur, serving
from tests.connectors.concur.test_concur_reports import report
from tests.connectors.http.auth.auth_server import Site
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent / "samples"
ENTITIES = {"Q16CLNT500": "acme_us", "1": "acme_uk"}


def documents() -> dict[str, list[dict[str, Any]]]:
    """Every document of the samples by its kind."""
    found: dict[str, list[dict[str, Any]]] = {"expense": [], "cashadvance": []}
    for path in sorted(SAMPLES.glob("*.json")):
        for document in json.loads(path.read_text())["fIDocuments"]:
            found[document["docType"]].append(document)
    return found


@dataclass
class Erp:
    concur: Concur
    through: Through
    site: Site

    def lines(self, reference: str) -> list[dict[str, Any]]:
        rows = self.through.rows("ledger_lines").values()
        return [r for r in rows if r["reference"] == reference]

    def posted(self, reference: str) -> set[tuple[str | None, D]]:
        return {(r["account"], r["amount"]) for r in self.lines(reference)}


ENVELOPES = ("links", "offset")


@contextmanager
def reading(envelope: str) -> Iterator[Erp]:
    concur = Concur(envelope=envelope, most=2, documents=documents())
    with serving(concur) as here:
        mappings = mapped("concur", entity=ENTITIES)
        yield Erp(concur, Through("concur", here.url, SECRETS, mappings), here)


@pytest.fixture(params=ENVELOPES)
def erp(request: pytest.FixtureRequest) -> Iterator[Erp]:
    with reading(request.param) as made:
        yield made


@pytest.fixture(scope="module", params=ENVELOPES)
def read(request: pytest.FixtureRequest) -> Iterator[Erp]:
    """Read and conformed once, for tests that only look at what came of it."""
    with reading(request.param) as made:
        assert made.through.run().quarantine().is_empty()
        yield made


def test_real_documents_are_taken_whole(read: Erp) -> None:
    assert len(read.through.rows("cash_advances")) == 1
    references = {r["reference"] for r in read.through.rows("ledger_lines").values()}
    expected = {d["document"]["report"]["reportId"] for d in read.concur.documents["expense"]}
    assert expected <= references
    for reference in expected:
        assert sum(r["amount"] for r in read.lines(reference)) == 0, reference


def test_reclaimed_tax_is_a_line_of_its_own(read: Erp) -> None:
    # 100 CAD, of which 3.54 of the provincial tax is reclaimed and 4.42 of the other is not.
    assert read.posted("0EE74C75C9344DEA942F") == {
        ("474210", D("96.46")),
        (None, D("3.54")),
        ("1999", D(-100)),
    }
    (tax,) = (r for r in read.lines("0EE74C75C9344DEA942F") if r["tax_code"])
    assert (tax["tax_code"], tax["description"], tax["ccy"]) == ("JC1U", "CAPMB", "CAD")
    assert (tax["entity_id"], tax["document_date"]) == ("acme_us", date(2019, 7, 4))
    assert read.posted("F071FADEA6B142DD884A") == {
        ("37", D("8.4")),
        (None, D("1.6")),
        (None, D(-10)),
    }


def test_money_that_comes_back_is_negative(read: Erp) -> None:
    assert read.posted("57A29232093E4B7AADF7") == {("474230", D(-349)), (None, D(349))}


def test_a_private_expense_on_a_company_card_is_owed_by_the_employee(read: Erp) -> None:
    private = [r for r in read.lines("815EF4FB5B4448A9B09E") if abs(r["amount"]) == 14]
    assert sorted((r["account"] or "", r["amount"], r["description"]) for r in private) == [
        ("", D(-14), "owed by COMP to CBCP"),
        ("", D(14), "owed by EMPL to COMP"),
        ("199999", D(-14), "In-room movie"),
        ("199999", D(14), "In-room movie"),
    ]


def test_what_an_advance_covered(read: Erp) -> None:
    used = [r for r in read.lines("14A40453BED6493EB53F") if "advance" in r["description"]]
    assert sorted((r["account"] or "", r["amount"]) for r in used) == [
        ("", D(55)),
        ("", D(245)),
        ("CADV", D(-245)),
        ("CADV", D(-55)),
    ]


def test_an_advance(read: Erp) -> None:
    (advance,) = read.through.rows("cash_advances").values()
    assert (advance["entity_id"], advance["amount"], advance["ccy"]) == ("acme_uk", D(300), "USD")
    assert advance["issued_at"] is not None
    (line,) = read.lines("2E6DA12BB8B87D468BD666383E44033D")
    assert (line["account"], line["amount"]) == ("CADV", D(300))


def test_what_was_acknowledged_stays(erp: Erp) -> None:
    erp.through.run()
    before = erp.through.rows("ledger_lines")
    late = json.loads(json.dumps(erp.concur.documents["expense"][0]))
    late["id"], late["document"]["report"]["reportId"] = "new", "LATE"
    late["document"]["report"]["reportSubmitDate"] = "2019-01-01T00:00:00.000Z"
    for kind in ("expense", "cashadvance"):
        erp.concur.acknowledge(kind)
    erp.through.run()
    assert erp.through.rows("ledger_lines") == before
    erp.concur.documents["expense"].append(late)
    erp.through.run()
    assert set(before) < set(erp.through.rows("ledger_lines"))
    assert len(erp.through.rows("cash_advances")) == 1


def test_nothing_is_ever_acknowledged(read: Erp) -> None:
    written = {seen.method for seen in read.site.seen if "/oauth2/" not in seen.url}
    assert written == {"GET"}
    assert {
        seen.headers.get("DocumentFormatAs") for seen in read.site.seen if "/fi/v4/" in seen.url
    } == {"JSON"}


def test_a_report_sent_again_replaces_its_document_and_one_sent_back_is_withdrawn(erp: Erp) -> None:
    erp.through.run()
    (first, *_) = (
        d
        for d in erp.concur.documents["expense"]
        if d["document"]["report"]["reportId"] == "57A29232093E4B7AADF7"
    )
    first["id"] = "another"
    journal = first["document"]["expenseEntry"][0]["allocation"][0]["journal"][0]
    journal |= {"amountGross": -300, "amountNetOfReclaim": -300}
    erp.through.run()
    assert erp.posted("57A29232093E4B7AADF7") == {("474230", D(-300)), (None, D(300))}
    back = report("57A29232093E4B7AADF7", ApprovalStatusCode="A_RESU", OrgUnit1={"Code": "1"})
    erp.concur.lists["reports"].append(back)
    erp.through.run()
    assert erp.posted("57A29232093E4B7AADF7") == set()


def test_a_document_of_nobody_waits_and_the_rest_goes_on(erp: Erp) -> None:
    report_of = erp.concur.documents["expense"][0]["document"]["report"]
    report_of["reportOrgUnit1Code"] = "ZZ"
    waiting = erp.through.run().quarantine()
    assert set(waiting["source_pk"]) == {report_of["reportId"]}
    assert set(waiting["reason_code"]) == {"MAPPING_MISSING"}
    assert erp.lines("F071FADEA6B142DD884A")


def test_moments_are_in_utc(read: Erp) -> None:
    (advance,) = read.through.rows("cash_advances").values()
    shown = documents()["cashadvance"][0]["document"]["cashAdvanceData"]["requestDate"]
    assert advance["requested_at"] == datetime.fromisoformat(shown).astimezone(UTC)
