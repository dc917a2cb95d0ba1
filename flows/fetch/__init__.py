"""HTTP: in goes an address, out comes its page, or a SourceError that names what went wrong.

Politely (robots.txt, time between requests), within limits of time and size, and no secret stays in
what comes out. Nothing is kept or read here: the copies of earlier runs and the look at a page's
words are handed in, and no later stage is imported.
"""
