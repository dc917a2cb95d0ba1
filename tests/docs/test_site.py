"""The documentation as a site: every link leads somewhere, and no outside host is asked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = [*(sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet")]

_OUTSIDE = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+["']""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, where a warning is an error."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [*BUILD, "-c", "docs", ".", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_every_page_of_the_tree_is_in_it(site: Path) -> None:
    for path in (*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "data").glob("*.md")):
        assert (site / path.relative_to(ROOT)).with_suffix(".html").exists(), path
    assert (site / "index.html").exists()


def test_the_list_of_pages_names_each() -> None:
    listed = set(re.findall(r"\]\(([^)]+\.md)\)", (ROOT / "docs" / "README.md").read_text("utf-8")))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages - listed == {"README.md"}


@pytest.mark.slow
def test_a_page_asks_nothing_of_an_outside_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", text)
        assert not [tag for tag in loaded if _OUTSIDE.search(tag)], page


@pytest.mark.slow
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A page\n\n[nowhere](nowhere.md) [here](#no-heading)\n")
    done = subprocess.run(
        [*BUILD, "-b", "dummy", "-c", str(ROOT / "docs"), ".", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
    assert "no-heading" in done.stderr


def test_the_makefile_builds_it_so() -> None:
    (recipe,) = re.findall(r"sphinx-build (.+)", (ROOT / "Makefile").read_text("utf-8"))
    assert recipe == f"{' '.join(BUILD[3:])} -c docs . build/docs"
