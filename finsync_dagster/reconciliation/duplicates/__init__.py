"""Invoices that may have been entered, sent or paid for twice: a rule per module.

Every rule finds its pairs by a key that both documents share, never by comparing all with all.
"""
