"""The list of the JSON Schemas."""

from docs.generate.markdown import GENERATED, grid
from flows.report.json_schemas import OUTPUTS

_INTRODUCTION = """\
# JSON

Whatever prints JSON, and each JSON file of a lake, has a JSON Schema (draft 2020-12), made of the
types that it is written from; the tests hold what is printed against it.

- What is not known is null. Dates and times are ISO 8601. Keys are only ever added.
- `delta` is null where none is printed and 0 where "(+0)" is; `total` is null where only a delta
  is.
- Of a document of many days `tallybook parse` prints one object a line; with `--jsonl` each has
  the line's `id`.
- What each code means: [Codes](codes.md).
"""


def outputs_page() -> str:
    """Return the page that lists the schemas."""
    rows = [
        (f"[{name}.schema.json]({name}.schema.json)", where) for name, (_, where) in OUTPUTS.items()
    ]
    return f"{GENERATED}{_INTRODUCTION}\n{grid(('schema', 'of what'), rows)}"
