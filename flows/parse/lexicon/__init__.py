"""The words of a language as patterns, and where they stand in a text.

In: the language files and the registry; a normalized text. Out: the places of labels, months and
cues in it. No place is judged here, and no word of any language stands in the code.
"""
