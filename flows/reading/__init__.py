"""The parts of the parse stage: folding, lexicon, numbers, items, scope, dates."""
