"""The command line: arguments in, what a person or a program reads out, an exit status.

It decides nothing about the data. `main.py` imports nothing heavy; each command's work is imported
when it is called.
"""
