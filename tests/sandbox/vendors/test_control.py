from datetime import datetime

import pytest

from finsync_dagster.sandbox.vendors.control import Control, moment_of
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.wire import Request


class Moment:
    def __init__(self, until: datetime | None = None) -> None:
        self.until = until


@pytest.fixture
def faults() -> Faults:
    return Faults()


def control(faults: Faults, world: Moment | None = None) -> Control:
    return Control(("group_coupa", "group_sap"), faults, world or Moment())


def post(path: str, body: bytes = b"", **query: str) -> Request:
    return Request("POST", path, tuple(query.items()), body=body)


def told(it: Control, request: Request) -> str:
    answer = it.answer(request)
    assert answer.status == 400
    return answer.body.decode()


def test_it_counts_what_was_asked_by_name_without_keys(faults: Faults) -> None:
    it = control(faults)
    for path, status in (
        ("/api/invoices", 200),
        ("/api/invoices/4711", 404),
        ("/sap/opu/odata/sap/API_X/A_PurchaseOrder('45')/to_Item", 200),
        ("/reports/0EE74C75C9344DEA942F", 200),
    ):
        it.count("group_coupa", Request("GET", path), status)
    it.count("group_sap", post("/token"), None)
    state = it._state()["systems"]
    assert state["group_coupa"]["asked"] == {  # type: ignore[index]
        "GET A_PurchaseOrder/to_Item": 1,
        "GET api/invoices": 2,
        "GET reports": 1,
    }
    assert state["group_coupa"]["answered"] == {"200": 3, "404": 1}  # type: ignore[index]
    assert state["group_sap"]["answered"] == {"closed": 1}  # type: ignore[index]


def test_faults_are_replaced_while_running(faults: Faults) -> None:
    it, asked = control(faults), Request("GET", "/x")
    assert not faults.strikes("cut", asked, "group_sap")
    assert it.answer(post("/faults", b"faults: [{kind: cut, rate: 1}]")).status == 200
    assert faults.strikes("cut", asked, "group_sap")
    assert "faults[1].kind" in told(it, post("/faults", b"faults: [{kind: x, rate: 1}]"))
    wrong = b"faults: [{kind: cut, rate: 1, systems: [x]}]"
    assert "there is no x; there are: group_coupa" in told(it, post("/faults", wrong))
    assert faults.strikes("cut", asked, "group_coupa")


def test_time_passes_forwards_only(faults: Faults) -> None:
    world = Moment(moment_of("2026-08-31"))
    it = control(faults, world)
    it.answer(post("/advance", days="1"))
    assert world.until == datetime(2026, 9, 1, 23, 59, 59, 999999)
    it.answer(post("/advance", to="2026-09-02T08:00:00"))
    assert world.until == datetime(2026, 9, 2, 8)
    assert "backwards" in told(it, post("/advance", to="2026-09-01"))
    for wrong in ({}, {"to": "tomorrow"}, {"days": "x"}, {"to": "2026-10-01T00:00:00+02:00"}):
        assert "say to=YYYY-MM-DD" in told(it, post("/advance", **wrong))
    it.answer(post("/advance", to="end"))
    assert world.until is None
    assert "start with --until" in told(it, post("/advance", days="1"))


def test_a_system_goes_down_and_comes_up(faults: Faults) -> None:
    it = control(faults)
    it.answer(post("/down", system="coupa"))
    it.answer(post("/down", system="group_sap", how="closed"))
    assert (it.down("group_coupa"), it.down("group_sap")) == ("503", "closed")
    it.answer(post("/up", system="coupa"))
    assert it.down("group_coupa") is None
    assert "system is one of group_coupa, group_sap, not x" in told(it, post("/down", system="x"))
    assert "how is one of" in told(it, post("/down", system="coupa", how="x"))


def test_anything_else_is_not_there(faults: Faults) -> None:
    assert control(faults).answer(Request("GET", "/faults")).status == 404
    assert control(faults).answer(post("/")).status == 404
    assert control(faults).answer(Request("GET", "/")).status == 200


def test_a_web_page_does_not_steer_it(faults: Faults) -> None:
    it = control(faults)
    asked = Request(
        "POST", "/down", (("system", "coupa"),), headers={"origin": "https://example.com"}
    )
    assert it.answer(asked).status == 403
    assert it.down("group_coupa") is None
