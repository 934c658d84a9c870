"""The $filter and $orderby of OData, versions 2 and 4, as SQL.

Belongs here: words (words.py), grammar (grammar.py), SQL (sql.py). Not here: the other options of a
query (query.py beside this package).
"""
