"""parse/items."""
