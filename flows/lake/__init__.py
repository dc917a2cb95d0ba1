"""The lake: records in, Parquet files out, and back; the archive, the quarantine and the runs too.

What is written is whole, sorted and the same bytes for the same rows; tables of older versions are
read as today's. Nothing is decided here: which rows there are is handed in.
"""
