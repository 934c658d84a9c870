"""A manifest: what one extract asked for, what the source stated, and what was landed.

Belongs here: its shape, its bytes and its name. Not here: writing it (landing.py) or checking the
chain (verify.py).

Manifests of an object form a chain: each names the hash of the one before. An extract without a
manifest did not take place, whatever pages it left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from finsync_dagster.connectors.extraction import Stated, Sum
from finsync_dagster.connectors.object_model import Name
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.pages import digest

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageRef(_Strict):
    """A page of the extract, in order. ``bytes`` is its size before compression."""

    sha256: Sha256
    rows: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]


class Total(_Strict):
    """Sum of a field, and how many of its values are no number that can be summed."""

    total: Decimal
    not_summed: int


class SourceStated(_Strict):
    """What the source said about itself; see ``Stated``. None: it does not tell."""

    count_table: int | None
    count_selected: int | None
    count_without_key: int
    sums_table: dict[str, Total]
    sums_selected: dict[str, Total]
    table_before: int | None = None
    selected_before: int | None = None

    @classmethod
    def of(cls, stated: Stated) -> SourceStated:
        """The connector's statement, as it is kept."""
        return cls(
            count_table=stated.count_table,
            count_selected=stated.count_selected,
            count_without_key=stated.count_without_key,
            sums_table=totals(stated.sums_table or {}),
            sums_selected=totals(stated.sums_selected or {}),
            table_before=stated.table_before,
            selected_before=stated.selected_before,
        )


class Manifest(_Strict):
    """One extract of one object."""

    extract_id: str
    system: Name
    object: Name
    sequence: Annotated[int, Field(ge=1)]
    previous: Sha256 | None
    """SHA-256 of the manifest before; None for the object's first."""
    mode: Literal["full", "incremental"]
    reason: str
    """Why it is full, or from where on it is incremental."""
    request: str
    started_at: AwareDatetime
    finished_at: AwareDatetime
    key: tuple[str, ...]
    cursor: str | None
    cursor_from: str | None
    cursor_to: str | None
    columns: tuple[str, ...]
    pages: tuple[PageRef, ...]
    gone: tuple[PageRef, ...] = ()
    """Pages with the keys of records that the source no longer has: found by comparing keys, they
    are no records."""
    keys_compared: bool = False
    """The source's keys were compared with those held, because it was time to."""
    row_count: int
    source_stated: SourceStated
    landed_sums: dict[str, Total]
    complete: bool
    incomplete_because: tuple[str, ...]
    _sha256: str = PrivateAttr(default="")

    @property
    def sha256(self) -> str:
        """Hash of the manifest's bytes, which the next one names."""
        return self._sha256 or digest(self.to_bytes())

    @property
    def file_name(self) -> str:
        """Name within the object's folder; names sort in the order of extracts."""
        return f"{self.sequence:08d}-{self.extract_id}.json"

    def to_bytes(self) -> bytes:
        """The manifest as it is stored."""
        return (self.model_dump_json(indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes, path: str) -> Manifest:
        """The manifest stored at ``path``.

        Raises:
            LandingError: the bytes are no manifest.
        """
        try:
            manifest = cls.model_validate_json(content)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"]) or "whole file"
            raise LandingError(
                f"{path}: not a manifest ({place}: {problem['msg']}); restore it from a backup"
            ) from None
        manifest._sha256 = digest(content)
        return manifest


def extract_id(system: str, object_name: str, sequence: int, started_at: datetime) -> str:
    """Identifies the extract: start in UTC, then a hash that tells apart objects and repeats."""
    moment = started_at.astimezone(UTC)
    named = f"{system}|{object_name}|{sequence}|{moment.isoformat()}"
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest(named.encode())[:12]}"


def totals(sums: Mapping[str, Sum]) -> dict[str, Total]:
    """Sums, as they are kept."""
    return {
        name: Total(total=found.total, not_summed=found.not_summed) for name, found in sums.items()
    }
