"""parse/lexicon."""
