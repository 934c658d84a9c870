"""Matching: which receipt an invoice bills, at which price, and what disagrees."""
