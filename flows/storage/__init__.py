"""One door to the files of a lake, on local disk and in object storage: names in, bytes out.

Every stage may go through it. It knows no table, no document and no format, and decides nothing.
Nobody else opens, writes or locks a file of a lake.
"""
