"""What runs inside Tryton's own environment: seeding its database, serving it.

Belongs here: modules that import trytond or proteus, started as ``python -m inside.<module>`` by
the package above. Not here: anything that our own process imports; these modules import each other
relatively and know nothing of finsync_dagster.
"""
