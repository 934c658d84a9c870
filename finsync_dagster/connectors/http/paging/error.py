"""What is raised when a list's pages cannot be followed.

Belongs here: the error. Not here: system and object, which whoever reads adds.
"""

from __future__ import annotations


class PagingError(ValueError):
    """The pages cannot be followed any further; the message says what is wrong, and the way out.

    ``transient``: the list changed while it was read, so that a second reading may succeed.
    """

    def __init__(self, what: str, remedy: str, transient: bool = False) -> None:
        self.what = what
        self.remedy = remedy
        self.transient = transient
        super().__init__(what, remedy, transient)

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}."
