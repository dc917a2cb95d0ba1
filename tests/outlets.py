"""Pages of the shape that the sources have, in our own wording: what a test's web server gives.

What is known of the shapes stands in SOURCES.md of the shared folder.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape

from schemas.records import war_day
from tests.reference import Figures, Printed
from tests.render import number

INDEX_LABELS = {
    "tanks": ("Tanks", "Танки"),
    "armored_vehicles": ("Armored fighting vehicle", "ББМ"),
    "artillery": ("Artillery systems", "Артилерійські системи"),
    "mlrs": ("MLRS", "РСЗВ"),
    "air_defense": ("Anti-aircraft warfare", "Засоби ППО"),
    "aircraft": ("Planes", "Літаки"),
    "helicopters": ("Helicopters", "Гелікоптери"),
    "uavs": ("UAV", "БПЛА"),
    "cruise_missiles": ("Cruise missiles", "Крилаті ракети"),
    "ships_boats": ("Ships (boats)", "Кораблі (катери)"),
    "submarines": ("Submarines", "Підводні човни"),
    "military_vehicles": ("Cars", "Автомобілі"),
    "fuel_tanks": ("Fuel tanks", "Цистерни з ППМ"),
    "vehicles_fuel_tanks": ("Cars and cisterns", "Автомобілі та автоцистерни"),
    "special_equipment": ("Special equipment", "Спеціальна техніка"),
    "mobile_srbm": ("Mobile SRBM systems", "Пускові установки ОТРК"),
    "ground_robots": ("Ground robotic systems", "Наземні робототехнічні комплекси"),
    "prisoners": ("Prisoners", "Полонені"),
    "personnel": ("Military personnel", "Особовий склад"),
}
"""English and Ukrainian labels by category, in the order of the index portal's page."""

API_KEYS = {
    "personnel": "personnel_units",
    "tanks": "tanks",
    "armored_vehicles": "armoured_fighting_vehicles",
    "artillery": "artillery_systems",
    "mlrs": "mlrs",
    "air_defense": "aa_warfare_systems",
    "aircraft": "planes",
    "helicopters": "helicopters",
    "vehicles_fuel_tanks": "vehicles_fuel_tanks",
    "ships_boats": "warships_cutters",
    "cruise_missiles": "cruise_missiles",
    "uavs": "uav_systems",
    "special_equipment": "special_military_equip",
    "mobile_srbm": "atgm_srbm_systems",
    "submarines": "submarines",
}


def month_page(days: Mapping[date, Figures], language: str = "en") -> bytes:
    """Return the index portal's page of a month, the latest day first."""
    blocks = "\n".join(_day(day, days[day], language) for day in sorted(days, reverse=True))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>Index</title>'
        "<script>var tracker = {since: 20220224};</script></head><body>"
        '<nav><ul><li><a href="/">Currency</a></li><li><a href="/fuel/">Fuel</a></li></ul></nav>'
        "<main><h1>Losses, as the General Staff claims them</h1>"
        f'<ul class="months">{blocks}</ul></main>'
        "<footer><p>Updated 01.01.2030</p><p>01.01.2030</p></footer></body></html>"
    ).encode()


def _day(day: date, figures: Figures, language: str) -> str:
    items = "".join(
        f"<li>{_item(category, figures[category], language)}</li>"
        for category in INDEX_LABELS
        if category in figures
    )
    return (
        f'<li class="gold"><span class="black">{day:%d.%m.%Y}</span>'
        f'<div class="casualties"><div><ul>{items}</ul></div></div></li>'
    )


def _item(category: str, figure: Printed, language: str) -> str:
    """One item; where nothing was added, nothing is said of it."""
    english = language == "en"
    label = INDEX_LABELS[category][0 if english else 1]
    delta = f" <small>(<span>+{figure.delta}</span>)</small>" if figure.delta else ""
    if category != "personnel":
        return f"{label} &mdash; {figure.total}{delta}"
    about, people = ("aprx.", "people") if english else ("близько", "осіб")
    return f"{label} &mdash; {about} {figure.total} {people}{delta}"


def api_record(day: date, figures: Figures, keys: Iterable[str] = API_KEYS) -> dict[str, object]:
    """Return a record of the statistics API, with 0 for what the bulletin does not print."""
    known = {API_KEYS[key]: figures.get(key, Printed(0, 0)) for key in keys}
    return {
        "date": day.isoformat(),
        "day": war_day(day),
        "resource": "https://outlet.example/report",
        "war_status": {"code": 1, "alias": "ongoing"},
        "stats": {key: figure.total for key, figure in known.items()},
        "increase": {key: figure.delta or 0 for key, figure in known.items()},
    }


def api_answer(records: Sequence[Mapping[str, object]] | Mapping[str, object]) -> bytes:
    """Return an answer of the API: a list of records, or a single one."""
    data = {"records": list(records)} if isinstance(records, Sequence) else records
    return json.dumps({"message": "ok", "data": data}).encode()


def post_text(day: date, figures: Figures) -> str:
    """Return the General Staff's list for a day, as a post of its channel."""
    lines = [f"Загальні бойові втрати противника з 24.02.22 по {day:%d.%m.%y} (орієнтовно):"]
    lines += [
        f"{INDEX_LABELS[category][1].lower()} \u2012 {number(figure.total, '')} "
        f"({figure.delta or 0:+}) од"
        for category, figure in figures.items()
    ]
    return "\n".join(lines)


Post = tuple[int, datetime, str]
"""Its number, its moment and its text, lines parted by newlines."""


def channel_page(name: str, posts: Iterable[Post]) -> bytes:
    """Return the web preview of a channel with these posts."""
    return (
        "<!DOCTYPE html><html><head><title>Channel</title></head><body>"
        f'<header class="tgme_header">{name}, 1.2M subscribers</header><main><section>'
        + "".join(_post(name, post) for post in posts)
        + "</section></main></body></html>"
    ).encode()


def _post(name: str, post: Post) -> str:
    identity, moment, text = post
    inner = "<br/>".join(map(escape, text.split("\n")))
    said = f'<div class="tgme_widget_message_text js-message_text">{inner}</div>' if text else ""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message js-widget_message" data-post="{name}/{identity}">{said}'
        '<div class="tgme_widget_message_footer"><span class="tgme_views">250K</span>'
        f'<a class="tgme_widget_message_date" href="/{name}/{identity}">'
        f'<time datetime="{moment.astimezone(UTC).isoformat()}">x</time></a></div></div></div>'
    )


def feed(items: Iterable[tuple[str, str, datetime | None]]) -> bytes:
    """Return an RSS feed of (title, link, published) items."""
    told = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        + (f"<pubDate>{format_datetime(moment)}</pubDate>" if moment else "")
        + "<description>A story.</description></item>"
        for title, link, moment in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Outlet</title>'
        f"<link>https://outlet.example/</link><description>All the news of the outlet, "
        f"as a feed for everybody who wants to read it.</description>{told}</channel></rss>"
    ).encode()
