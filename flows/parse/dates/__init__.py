"""The report date of a text: printed dates, the evidence that they are, the decision.

In: the folded text with the matches of a language. Out: one date with its evidence and warnings,
or the reason why there is none. A date is never guessed from the figures.
"""
