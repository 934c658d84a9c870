"""Who may read what, carried over to the tables that replace the old ones.

Belongs here: reading and repeating grants. Not here: deciding them, which is the database
administrator's business.

A relation that existed keeps its grants. A new one gets what ALTER DEFAULT PRIVILEGES says for its
schema; PostgreSQL itself would not apply that, because the table was created elsewhere and moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg

from finsync_dagster.publishing.sql_names import qualified, quoted

Relation = tuple[str, str]

_GRANTED = """
SELECT n.nspname, c.relname, r.rolname, a.privilege_type, a.is_grantable
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) AS a
LEFT JOIN pg_roles AS r ON r.oid = a.grantee
WHERE c.relkind IN ('r', 'v') AND n.nspname = ANY(%s) AND a.grantee <> c.relowner
ORDER BY 1, 2, 3, 4
"""
_EXISTING = """
SELECT n.nspname, c.relname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v') AND n.nspname = ANY(%s)
"""
_DEFAULTS = """
SELECT n.nspname, r.rolname, a.privilege_type, a.is_grantable
FROM pg_default_acl AS d
JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
LEFT JOIN pg_roles AS r ON r.oid = a.grantee
WHERE d.defaclobjtype = 'r' AND n.nspname = ANY(%s)
  AND d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  AND a.grantee <> d.defaclrole
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Grant:
    """One privilege of one role; ``role`` is None for PUBLIC."""

    role: str | None
    privilege: str
    with_grant_option: bool


@dataclass(frozen=True)
class Grants:
    """The grants found in the published schemas."""

    existing: frozenset[Relation]
    granted: dict[Relation, list[Grant]]
    defaults: dict[str, list[Grant]]

    @classmethod
    def read(cls, connection: psycopg.Connection, schemas: Sequence[str]) -> Grants:
        """As they are now."""
        given = [list(schemas)]
        granted: dict[Relation, list[Grant]] = {}
        for schema, name, *grant in connection.execute(_GRANTED, given):
            granted.setdefault((schema, name), []).append(Grant(*grant))
        defaults: dict[str, list[Grant]] = {}
        for schema, *grant in connection.execute(_DEFAULTS, given):
            defaults.setdefault(schema, []).append(Grant(*grant))
        existing = frozenset((s, n) for s, n in connection.execute(_EXISTING, given))
        return cls(existing, granted, defaults)

    def statements(self, relations: Sequence[Relation]) -> Iterator[str]:
        """GRANT statements for the relations that are now in place."""
        for relation in relations:
            known = relation in self.existing
            grants = self.granted.get(relation) if known else self.defaults.get(relation[0])
            for grant in grants or ():
                role = "PUBLIC" if grant.role is None else quoted(grant.role)
                option = " WITH GRANT OPTION" if grant.with_grant_option else ""
                # privilege_type is one of PostgreSQL's own words.
                yield f"GRANT {grant.privilege} ON {qualified(*relation)} TO {role}{option}"
