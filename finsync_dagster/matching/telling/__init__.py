"""What matching says: sentences with figures, limits, and what would release a line."""
