"""What three-way matching costs: beside merely reading and writing, and beside one SQL script."""
