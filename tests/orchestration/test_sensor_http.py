"""The sensor and systems reached over HTTP: it asks little, and one that is down holds up none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from finsync_dagster.connectors.http import clients
from finsync_dagster.definitions import definitions
from finsync_dagster.landing.take import take
from finsync_dagster.orchestration.workshop import Workshop
from tests.connectors.http.api import Api, items, serving, status
from tests.connectors.http.systems import COUNTED
from tests.pipeline.onboarding import COMPANY

pytestmark = pytest.mark.slow
MAPPINGS = """
mappings:
  - table: purchase_orders
    object: items
    columns:
      {po_id: "id('orders', id)", po_number: id, supplier_src_id: "id('vendors', 'K1')",
       ccy: "'EUR'", order_date: day(changed), type: "'standard'", status_src: "'sent'",
       status_canon: "'sent'", buyer: "NULL", expected_date: "NULL", net_amount: exact(amount),
       tax_amount: "NULL", charges_amount: "NULL", gross_amount: "NULL"}
"""
NAMES = ("left", "right")


@dataclass
class Watched:
    """Two companies with an API each, all of which has been landed, and the sensor."""

    apis: dict[str, Api]
    shop: Workshop
    repository: dg.RepositoryDefinition

    def look(self, cursor: str | None) -> dg.SensorResult:
        for api in self.apis.values():
            api.asked.clear()
        sensor = self.repository.get_sensor_def("source_changed")
        with dg.build_sensor_context(cursor=cursor, repository_def=self.repository) as context:
            result = sensor(context)
        assert isinstance(result, dg.SensorResult)
        return result

    def land(self, name: str) -> None:
        spec = self.shop.spec(name).objects["items"]
        take(
            self.shop.landing,
            name,
            self.apis[name].url,
            "items",
            spec,
            now=lambda: datetime.now(UTC),
            reach=self.shop.reach(name),
        )


def started(result: dg.SensorResult) -> set[str | None]:
    return {request.partition_key for request in result.run_requests or []}


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    company = yaml.safe_load(COMPANY)
    entity = company["legal_entities"]["harbor"]
    company["legal_entities"] = {f"{name}_co": entity for name in NAMES}
    company["systems"] = {
        name: {
            "connector": "api",
            "connection": {"url_env": f"URL_{name.upper()}"},
            "entities": [f"{name}_co"],
            "domains": ["purchase_orders"],
            "owner": "team:api",
        }
        for name in NAMES
    }
    connector = tmp_path / "land/connectors/api"
    connector.mkdir(parents=True)
    text = COUNTED.replace("attempts: 3", "attempts: 1").replace("rows_per_page: 3", "")
    (connector / "system.yaml").write_text(text + "breaker: {opens_after: 1}\n")
    (connector / "mappings.yaml").write_text(MAPPINGS)
    (tmp_path / "land/company.yaml").write_text(yaml.safe_dump(company))
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(tmp_path / "land"))
    clients.forget()
    with ExitStack() as servers:
        apis = {}
        for name in NAMES:
            apis[name] = servers.enter_context(serving(Api(items(3000))))
            apis[name].records[-1]["changed"] = "2026-01-02T00:00:00Z"
            monkeypatch.setenv(f"URL_{name.upper()}", apis[name].url)
        shop = Workshop()
        made = Watched(apis, shop, definitions(shop).get_repository_def())
        for name in NAMES:
            made.land(name)
        yield made


def test_it_asks_for_changes_and_the_count_and_nothing_else(watched: Watched) -> None:
    seen = watched.look(None).cursor
    assert not watched.look(seen).run_requests
    for api in watched.apis.values():
        pages = [path for path in api.asked if path.startswith("/items")]
        assert all("since=2026-01-02" in path for path in pages)
        # The page, the empty one after it, and counts of all and of the changed.
        assert (len(pages), len(api.asked)) == (2, 4)
    watched.apis["left"].records[5]["changed"] = "2026-01-03T00:00:00Z"
    assert started(watched.look(seen)) == {"left_co"}
    watched.apis["left"].records[5]["changed"] = "2026-01-01T00:00:00Z"
    del watched.apis["right"].records[5]
    assert started(watched.look(seen)) == {"right_co"}


def test_one_that_is_down_is_told_of_and_then_left_alone(watched: Watched) -> None:
    seen = watched.look(None).cursor
    watched.apis["left"].always = status(503)
    quiet = watched.look(seen)
    assert not quiet.run_requests
    assert "left.items: it answered 503" in str(quiet.skip_reason)
    assert len(watched.apis["left"].asked) == 1
    watched.apis["right"].records[5]["changed"] = "2026-01-03T00:00:00Z"
    assert started(watched.look(seen)) == {"right_co"}
    # Its circuit is open, for runs as well.
    assert watched.apis["left"].asked == []


def test_a_manifest_that_cannot_be_read_concerns_its_own_system(watched: Watched) -> None:
    seen = watched.look(None).cursor
    folder = watched.shop.settings.home / "lake/landing/manifests/left/items"
    (manifest,) = folder.iterdir()
    manifest.chmod(0o644)
    manifest.write_text("{")
    watched.apis["right"].records[5]["changed"] = "2026-01-03T00:00:00Z"
    assert started(watched.look(seen)) == {"right_co"}
    watched.apis["right"].records[5]["changed"] = "2026-01-01T00:00:00Z"
    assert "restore it from a backup" in str(watched.look(seen).skip_reason)


def test_what_was_extracted_since_starts_no_second_run(watched: Watched) -> None:
    seen = watched.look(None).cursor
    watched.apis["left"].records[5]["changed"] = "2026-01-03T00:00:00Z"
    changed = watched.look(seen)
    assert started(changed) == {"left_co"}
    watched.land("left")
    assert not watched.look(changed.cursor).run_requests
