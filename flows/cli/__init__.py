"""The command line: arguments in, an exit status and what is printed out.

Each command says at once what is wrong with its arguments, loads only what it needs (`--help` and
`parse` neither Prefect nor pandas), and leaves the work and its decisions to the packages before.
"""
