"""One module per migration, in order of their numbers; a published one is never edited."""
