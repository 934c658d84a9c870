"""Alembic's folder: its environment and the migrations of the state database."""
