"""How `make docs` builds the pages: Sphinx with MyST, which reads Markdown as code hosts do.

The tree is the source, so that a link between two files is the same on a code host and in the site.
What a page belongs to says `NAVIGATION`; no page holds a directive.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

NAVIGATION = {
    "Tutorial": ["docs/tutorial/*"],
    "How to": [
        *("docs/how-to/install", "docs/how-to/read-the-tables", "docs/how-to/run-daily"),
        "docs/how-to/first-live-run",
        "docs/how-to/*",
    ],
    "Reference": ["data/README", "docs/reference/*", "schemas/languages/README"],
    "Explanation": ["docs/explanation/architecture", "docs/explanation/*", "data/FINDINGS"],
    "And": ["docs/README", "docs/glossary", "docs/troubleshooting", "CONTRIBUTING", "CHANGELOG"],
}
"""The parts of the sidebar, and their pages; of two places of a page the first one counts."""

project = "Tallybook"
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/**.md", "data/*.md", "schemas/languages/README.md"]
exclude_patterns = [  # folders that need not even be looked through
    *(".*", "build", "tests", "flows", "data/bulletins", "data/lake", "**/__pycache__"),
]
html_theme = "furo"
html_title = "Tallybook"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_search_summary = False  # it would fetch the pages found, which a page from disk may not
html_copy_source = html_show_sourcelink = False
html_last_updated_fmt = None
myst_heading_anchors = 3
smartquotes = False


def add_navigation(app: Sphinx, page: str, text: list[str]) -> None:
    """Give the first page the lists of all others; a code host would show the directive."""
    if page != root_doc:
        return
    for caption, pages in NAVIGATION.items():
        listed = "\n".join(pages)
        text[0] += f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{listed}\n```\n"


def add_entrance(app: Sphinx, error: Exception | None) -> None:
    """Let a folder that is opened lead to the first page."""
    if not error:
        leads = '<!doctype html><meta http-equiv="refresh" content="0; url=README.html">'
        (Path(app.outdir) / "index.html").write_text(f"{leads}\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above."""
    app.connect("source-read", add_navigation)
    app.connect("build-finished", add_entrance)
    return {"parallel_read_safe": True}
