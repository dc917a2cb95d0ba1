"""The site in a real browser, headless Chromium: from disk, no console error, no request.

It needs the program `chromium` (Debian: apt-get install chromium) and Playwright, which drives it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.report.site.built import days_of, lake_of, site_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

PAGES = (
    *("index.html", "audit.html", "findings.html", "rules.html", "sources.html", "about.html"),
    *("against.html", "categories/tanks.html", "days/2023-09.html"),
    "days/2023-10.html#2023-10-03",
)
TOTALS = [(4650 + 10 * n + 10 * (n > 20), 10) for n in range(35)]
"""35 days from 2023-09-01 on; on the 22nd the past was revised by +10."""

SCREENS = {"desktop": (1280, 900), "phone": (390, 800)}
LOOKS = (
    pytest.param(("desktop", "light"), id="desktop-light"),
    pytest.param(("phone", "dark"), id="phone-dark"),
    pytest.param(("desktop", "dark"), id="desktop-dark", marks=pytest.mark.full),
    pytest.param(("phone", "light"), id="phone-light", marks=pytest.mark.full),
)
SERIOUS = ("serious", "critical")
ALONE = {"preload": False}
"""axe-core asks for the style sheets once more, which the policy of the pages forbids."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from datetime import date

    folder = tmp_path_factory.mktemp("site")
    lake = lake_of(folder, days_of(TOTALS, date(2023, 9, 1)))
    totals = folder / "totals.csv"
    totals.write_text("date,tank\n2023-10-02,4701\n")
    site_of(lake, folder / "out", totals)
    return folder / "out"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(params=LOOKS)
def page(browser: "Browser", request: pytest.FixtureRequest) -> "Iterator[Page]":
    """Give a page of a size and a colour scheme; fail where it complains or asks for something."""
    screen, colours = request.param
    width, height = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colours,
        has_touch=screen == "phone",
    )
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith("file:") else trouble.append(one.url))
    yield page
    context.close()
    assert not trouble


def _open(page: "Page", out: Path, name: str) -> None:
    page.goto((out / name.partition("#")[0]).as_uri() + "".join(name.partition("#")[1:]))


def test_every_page_loads_and_fits_the_screen(page: "Page", out: Path) -> None:
    for name in PAGES:
        _open(page, out, name)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{name} is {wider} pixels too wide"


@pytest.mark.full
def test_no_page_has_a_serious_fault_of_accessibility(page: "Page", out: Path) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not here"
    )
    faults = []
    for name in PAGES:
        _open(page, out, name)
        for fault in axe.Axe().run(page, options=ALONE).response["violations"]:
            if fault["impact"] in SERIOUS:
                where = [node["target"] for node in fault["nodes"][:3]]
                faults.append(f"{name}: {fault['id']}: {fault['help']} {where}")
    assert not faults, "\n".join(faults)


def test_the_calendar_opens_a_day_by_mouse_and_by_keyboard(page: "Page", out: Path) -> None:
    _open(page, out, "audit.html")
    page.click("a.cell.explained")
    assert page.url.endswith("days/2023-09.html#2023-09-22")
    assert page.locator(".day:visible").count() == 1
    _open(page, out, "audit.html")
    page.locator("a.cell[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/days/2023-10.html#2023-10-04")


def test_a_chart_answers_the_mouse_zooms_and_takes_keys(page: "Page", out: Path) -> None:
    _open(page, out, "categories/tanks.html")
    over = page.locator(".u-over").first
    box = over.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    assert "total" in page.locator(".tip").inner_text()
    page.get_by_role("button", name="30 days").click()
    pressed = page.get_by_role("button", name="30 days")
    assert pressed.get_attribute("aria-pressed") == "true"
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=4)
    page.mouse.up()
    assert pressed.get_attribute("aria-pressed") == "false"
    page.locator("#chart").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    assert "2023-10-05: total 5,000" in page.locator("#readout").inner_text()
    page.keyboard.press("ArrowLeft")
    assert "2023-10-04" in page.locator("#readout").inner_text()
    page.keyboard.press("PageUp")
    assert "2023-09-04" in page.locator("#readout").inner_text()


def test_every_link_opens_a_file_of_the_site(page: "Page", out: Path) -> None:
    own = "[...document.links].map((a) => a.href).filter((to) => to.startsWith('file:'))"
    for name in PAGES:
        _open(page, out, name)
        for link in set(page.evaluate(own)):
            assert Path(link.removeprefix("file://").partition("#")[0]).is_file(), link


def test_all_numbers_are_shown_and_saved_when_asked_for(page: "Page", out: Path) -> None:
    _open(page, out, "categories/tanks.html")
    page.click("#all-rows")
    assert page.locator("#rows tbody tr").count() == len(TOTALS)
    with page.expect_download() as saved:
        page.click("#csv")
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0] == "report_date,total,delta,daily,check"
    assert len(lines) == len(TOTALS) + 1


def test_the_colours_can_be_chosen(page: "Page", out: Path) -> None:
    _open(page, out, "categories/tanks.html")
    shown = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(shown)
    page.click(".theme")
    assert page.evaluate(shown) != before


def test_without_scripts_the_figures_are_there(browser: "Browser", out: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _open(page, out, "categories/tanks.html")
    assert page.locator("#rows tbody tr").count() == 14
    _open(page, out, "days/2023-10.html#2023-10-03")
    assert page.locator(".day:visible").count() == 1
    context.close()
