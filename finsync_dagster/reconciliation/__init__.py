"""Reconciliation: what systems and documents say about the same money, side by side."""
