"""Extract: from the bytes of a document to its text, one page or many days, lines kept apart.

In: a document. Out: its text with title and time, and its parts where it holds many days; or the
code of why there is none. What the text says is not judged here, and nothing is fetched.
"""
