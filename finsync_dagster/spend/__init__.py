"""Where the money went: committed, received, invoiced, paid and accrued, in three currencies.

Belongs here: spend facts and their sums. Not here: what a document is worth (matching), what a
currency is worth (canonical fx_rates).
"""
