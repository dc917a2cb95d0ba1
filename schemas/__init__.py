"""What Tallybook knows: the category registry, the field table, the typed records."""
