"""Reason codes that are not planted, and why.

Belongs here: what no document of a vendor can carry. Not here: what can.
"""

from __future__ import annotations

NOT_PLANTED = {
    "WAIVER_WITHOUT_SECOND": "waivers are given in finsync, not in a system it reads",
    "EXTRACT_INCOMPLETE": "an answer is cut short by the server (a fault plan), not by the world",
    "SCHEMA_DRIFT": "a server changes its fields (a fault plan); the world has one shape",
    "STALE_SOURCE": "a server does not answer (a fault plan)",
    "MAPPING_DRIFT": "it is about a mapping that was right once, not about a document",
}
