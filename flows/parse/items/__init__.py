"""The labelled numbers of a text, line by line, as they are printed.

In: the lines of a normalized text with the matches of a language. Out: items, each a label with its
number and delta, where they stand. Whether a number is a total, or whose, is not decided here.
"""
