"""Families of checks beside quantities, prices and totals: a module each, in one list."""
