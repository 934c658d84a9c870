"""How a system's answers in XML are laid out: the words of ``xml``.

Belongs here: these words. Not here: doing it (reading.py).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from finsync_dagster.connectors.object_model import Strict

Shape = Literal["atom", "typed", "plain"]
ElementNames = tuple[Annotated[str, Field(min_length=1)], ...]


class Xml(Strict):
    """``xml: plain``, or ``xml: {shape: plain, lists: [Allocations]}``."""

    shape: Shape | None = None
    """``atom``: OData 2. ``typed``: elements tell their types (Coupa). ``plain``: neither. Without
    it, the first two are known by what they look like."""
    lists: ElementNames = ()
    """Elements whose children are the entries of a list, be it one entry or none: all of ``plain``,
    and those of ``typed`` that may come without ``type="array"``."""
    repeated: ElementNames = ()
    """Elements of ``plain`` that may come several times beside others: a list, even of one."""

    @model_validator(mode="after")
    def _belongs_to_shape(self) -> Xml:
        if self.lists and self.shape not in ("plain", "typed"):
            raise ValueError("lists is a word of shape: plain or typed")
        if self.repeated and self.shape != "plain":
            raise ValueError("repeated is a word of shape: plain")
        return self


def _with_shape(written: Any) -> Any:
    return {"shape": written} if isinstance(written, str) else written


XmlWords: TypeAlias = Annotated[Xml, BeforeValidator(_with_shape)]
