"""Say it in one language: landed records become validated canonical rows, or quarantined ones."""
