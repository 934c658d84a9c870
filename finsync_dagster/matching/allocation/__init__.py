"""Which part of which invoice line bills which receipt, and what that is worth."""
