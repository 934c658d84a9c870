"""A stand-in for SAP S/4HANA: its OData services, answered from the generated world.

Belongs here: what S/4HANA's gateway does with a request (v2 in JSON and Atom XML, v4), and how a
generated company's documents look in its entity sets. Not here: sockets, tokens and faults of the
line (beside this package), the world itself (sandbox/world).
"""
