"""All codes with their meanings, from `schemas/codes.py`."""

from inspect import cleandoc

from docs.generate.markdown import GENERATED
from docs.generate.tables import code_table
from schemas.codes import Code

_INTRODUCTION = """\
# Codes

Whatever a program may want to tell apart is a code from this list: in the tables, in the JSON of
the commands, in the records of runs, in alerts. A code never changes its meaning, and new ones may
come. A sentence is made from a code at the end; nothing is read back out of a sentence.
"""


def codes_page() -> str:
    """Return the page of all codes."""
    parts = [GENERATED + _INTRODUCTION]
    for members in sorted(Code.__subclasses__(), key=lambda members: members.__name__):
        what = cleandoc(members.__doc__ or "").replace("\n", " ")
        parts.append(f"## {members.__name__}\n\n{what}\n\n{code_table('code', members)}")
    return "\n".join(parts)
