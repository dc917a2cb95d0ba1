"""Parse: from a text to the figures of the bulletin of one date, or to the code of why it is none.

In: an extracted text, with its parts and the date of publication where known. Out: bulletins, every
figure with its place in the text. What decides is wording, by language data and never by outlet; no
other day and no other document is looked at, nothing is repaired, nothing is written.
"""
