"""A text made ready to be read: normalized, cut to what can hold the bulletin, in lines.

In: the extracted text. Out: a text of the same length, its lines and sentences as offsets. Nothing
is moved: an offset into what comes out is an offset into the text as printed.
"""
