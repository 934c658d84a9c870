"""The moment in which a manifest becomes the next one, and a process that is killed in it."""

import pytest

from finsync_dagster.landing.claims import claim
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.verify import verify
from tests.landing.support import circumstances, extraction


class Killed(BaseException):
    """Stands for SIGKILL between two writes."""


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path.as_uri())


def writes_before_dying(landing: Landing, monkeypatch, allowed: int) -> None:
    """From now on the landing's store writes or removes so many files, then the process dies."""
    left = [allowed]

    def counted(real):
        def call(*arguments):
            if not left[0]:
                raise Killed
            left[0] -= 1
            return real(*arguments)

        return call

    for name in ("write_once", "remove"):
        monkeypatch.setattr(landing.store, name, counted(getattr(landing.store, name)))


@pytest.mark.parametrize(("allowed", "took_place"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)])
def test_killed_between_any_two_writes(landing, tmp_path, monkeypatch, allowed, took_place):
    """The writes are: the page, the claim, the manifest, the removal of the claim."""
    with monkeypatch.context() as patched:
        writes_before_dying(landing, patched, allowed)
        if allowed < 4:
            with pytest.raises(Killed):
                landing.write(extraction([("1", None)]), {}, circumstances(8))
        else:
            landing.write(extraction([("1", None)]), {}, circumstances(8))
    # The next extract begins by settling, as every take() does.
    landing.settle("erp", "lines")
    assert len(landing.manifests("erp", "lines")) == took_place
    following = landing.write(extraction([("2", None)]), {}, circumstances(9))
    assert following.sequence == took_place + 1
    assert list(tmp_path.glob("claims/erp/lines/*")) == []
    assert verify(landing) == []


def test_settling_twice_or_at_once_is_harmless(landing, tmp_path):
    manifest = landing.write(extraction([("1", None)]), {}, circumstances(8))
    path = "claims/erp/lines/00000001.json"
    landing.store.write_once(path, manifest.to_bytes())
    for _ in range(2):
        landing.settle("erp", "lines")
    assert landing.manifests("erp", "lines") == [manifest]
    assert list(tmp_path.glob("claims/erp/lines/*")) == []


def test_a_claim_to_a_number_that_is_used_comes_to_nothing(landing):
    first = landing.write(extraction([("1", None)]), {}, circumstances(8))
    late = first.model_copy(update={"extract_id": "late"})
    assert not claim(landing.store, late, late.to_bytes())
    assert landing.manifests("erp", "lines") == [first]


def test_of_two_claims_at_the_same_time_one_wins(landing):
    first = landing.write(extraction([("1", None)]), {}, circumstances(8))
    two = [
        Manifest.model_validate(
            first.model_dump() | {"extract_id": name, "sequence": 2, "previous": first.sha256}
        )
        for name in ("a", "b")
    ]
    # The first has claimed and not yet written its manifest when the second comes.
    landing.store.write_once("claims/erp/lines/00000002.json", two[0].to_bytes())
    assert not claim(landing.store, two[1], two[1].to_bytes())
    landing.settle("erp", "lines")
    assert [m.extract_id for m in landing.manifests("erp", "lines")] == [first.extract_id, "a"]
    assert verify(landing) == []
