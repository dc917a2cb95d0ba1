"""The store of documents: in go fetched pages and files, out come the same with their provenance.

Everything is kept as it came, durably, before anything tries to read it; what was kept once is
neither changed nor lost. No document is read or judged here, and no later stage is imported.
"""
