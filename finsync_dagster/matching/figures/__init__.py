"""Exact figures and the order of rows: what every step of matching computes with."""
