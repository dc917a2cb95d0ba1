"""Settings: defaults, tallybook.toml, the environment and flags, each outdoing the ones before."""

import json
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import UsageError
from flows.report.settings_list import settings_report, settings_text
from flows.settings import AlertSettings, SourceConfig, load_settings, parse_sources
from tests.reports import shown

ALERTS = ("ALERTS_TO", "ALERTS_SILENT_AFTER_DAYS")
NUMBERS = ("STALE_AFTER_DAYS", "PUBLISH_BY", "CATCH_UP_DAYS")

OUTLET = (
    '[{}outlet]\nkind = "article"\nurl = "https://desk:sesame@outlet.example/{{date}}?token=x"\n'
)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nothing set."""
    for name in ("LAKE", "CONTACT", "SOURCES", "CONFIG", *ALERTS, *NUMBERS):
        monkeypatch.delenv(f"TALLYBOOK_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_place_outdoes_the_ones_before(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [load_settings()]
    (nowhere / "tallybook.toml").write_text('lake = "from/file"\ncontact = "a@desk.example"\n')
    seen.append(load_settings())
    monkeypatch.setenv("TALLYBOOK_LAKE", "from/variable")
    seen.append(load_settings())
    seen.append(load_settings(lake="from/flag"))
    assert [settings.lake for settings in seen] == [
        *("data/lake", "from/file", "from/variable", "from/flag")
    ]
    assert [settings.origins["lake"] for settings in seen] == [
        *("default", "tallybook.toml", "$TALLYBOOK_LAKE", "given")
    ]
    assert [settings.contact for settings in seen] == ["", *["a@desk.example"] * 3]


def test_numbers_and_times_come_from_file_and_environment(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (load_settings().stale_after_days, load_settings().publish_by) == (2, time(18))
    (nowhere / "tallybook.toml").write_text('stale_after_days = 3\npublish_by = "17:30"\n')
    monkeypatch.setenv("TALLYBOOK_CATCH_UP_DAYS", "0")
    settings = load_settings()
    assert (settings.stale_after_days, settings.publish_by) == (3, time(17, 30))
    assert (settings.catch_up_days, settings.origins["catch_up_days"]) == (
        0,
        "$TALLYBOOK_CATCH_UP_DAYS",
    )


def test_alerts_are_off_until_told_to_whom(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().alerts == AlertSettings(to=(), silent_after_days=3)
    (nowhere / "tallybook.toml").write_text('alerts.to = ["env:SLACK_URL"]\n')
    assert load_settings().alerts.to == ("env:SLACK_URL",)
    monkeypatch.setenv("TALLYBOOK_ALERTS_TO", "env:MAIL, block:slack-webhook/ops")
    monkeypatch.setenv("TALLYBOOK_ALERTS_SILENT_AFTER_DAYS", "5")
    settings = load_settings()
    assert settings.alerts == AlertSettings(("env:MAIL", "block:slack-webhook/ops"), 5)
    shown_settings = {one.name: one for one in settings_report(settings).settings}
    assert shown_settings["alerts.to"].value == "env:MAIL, block:slack-webhook/ops"
    assert shown_settings["alerts.to"].origin == "$TALLYBOOK_ALERTS_TO"


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("TO", "slack://sesame/x", "to must be a list of"),
        ("SILENT_AFTER_DAYS", "never", "silent_after_days must be a number of days"),
    ],
)
def test_a_wrong_variable_of_the_alerts_is_named_and_its_value_is_not(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TALLYBOOK_ALERTS_{name}", value)
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert str(raised.value).startswith(f"$TALLYBOOK_ALERTS_{name}: {complaint}")
    assert value not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("STALE_AFTER_DAYS", "0"), ("CATCH_UP_DAYS", "many"), ("PUBLISH_BY", "24:00")],
)
def test_a_wrong_value_of_the_environment_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TALLYBOOK_{name}", value)
    with pytest.raises(UsageError, match=rf"^\$TALLYBOOK_{name}: {name.lower()} must be a "):
        load_settings()


def test_another_file_can_be_named(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / "mine.toml").write_text('lake = "mine"\n')
    monkeypatch.setenv("TALLYBOOK_CONFIG", "mine.toml")
    assert load_settings().lake == "mine"
    monkeypatch.setenv("TALLYBOOK_CONFIG", "none.toml")
    with pytest.raises(UsageError, match=r"^none\.toml: cannot be read: No such file"):
        load_settings()


def test_sources_stand_in_the_same_file_or_in_their_own(nowhere: Path) -> None:
    (nowhere / "tallybook.toml").write_text(OUTLET.format("sources."))
    (nowhere / "sources.toml").write_text(
        '[minfin]\nkind = "minfin"\nurl = "https://mine.example"\n'
    )
    settings = load_settings()
    assert list(settings.sources)[:3] == ["outlet", "minfin", "novinite"]
    assert settings.sources["minfin"].url == "https://mine.example"
    assert [settings.origins[f"sources.{name}"] for name in ("outlet", "minfin", "novinite")] == [
        *("tallybook.toml", "sources.toml", "the packaged sources.toml")
    ]
    (nowhere / "sources.toml").write_text(OUTLET.format(""))
    with pytest.raises(UsageError, match=r"tallybook\.toml and sources\.toml both .* 'outlet'"):
        load_settings()


def test_a_file_with_a_mark_of_its_encoding_is_read(nowhere: Path) -> None:
    (nowhere / "tallybook.toml").write_text('lake = "mine"\r\n', "utf-8-sig")
    (nowhere / "sources.toml").write_text(OUTLET.format(""), "utf-8-sig")
    settings = load_settings()
    assert (settings.lake, "outlet" in settings.sources) == ("mine", True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lake", "not valid TOML"),
        (
            'lkae = "x"',
            "unknown key 'lkae' (did you mean 'lake'?); known are alerts, catch_up_days,",
        ),
        ("lake = 3", "lake must be a folder, or a file:// or s3:// address, in quotes"),
        ('lake = ""', "lake must be a folder"),
        ('lake = "http://desk/lake"', "lake: http://desk/lake cannot be a lake. Give a folder, "),
        ("alerts = 1", "alerts must be a table"),
        ('[alerts]\nto = ["slack://sesame/x"]', "[alerts]: to must be a list of"),
        ('[alerts]\nto = ["block:sesame"]', "[alerts]: to must be a list of"),
        ("[alerts]\nsilent_after_days = 0", "[alerts]: silent_after_days must be a number"),
        ("[alerts]\nsend = []", "[alerts]: unknown key 'send'; known are silent_after_days, to"),
        ("sources = 1", "sources must be tables"),
        ("sources.outlet = 1", "[outlet]: needs a table with a kind"),
        ('[sources.outlet]\nkind = "feed"\nulr = "x"', "[outlet]: unknown key 'ulr' (did you mean"),
        ('[sources.outlet]\nkind = "feed"\ntoken = "sesame"', "[outlet]: token must be"),
    ],
)
def test_a_wrong_key_or_value_is_told_with_file_key_and_meaning(
    nowhere: Path, text: str, complaint: str
) -> None:
    (nowhere / "tallybook.toml").write_text(text)
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert str(raised.value).startswith("tallybook.toml: ")
    assert complaint in str(raised.value)
    assert "sesame" not in str(raised.value)


def test_what_is_in_force_is_told_with_its_origin_and_without_secrets(nowhere: Path) -> None:
    (nowhere / "tallybook.toml").write_text(OUTLET.format("sources."))
    settings = load_settings(lake="given/lake")
    report = shown(settings_report(settings))
    assert report["settings"][0] == {"name": "lake", "value": "given/lake", "origin": "given"}
    assert report["sources"][0]["origin"] == "tallybook.toml"
    assert len(report["sources"]) == len(settings.sources)
    text = settings_text(settings_report(settings))
    assert "lake                      given/lake  (given)" in text
    assert "[outlet]  (tallybook.toml)\n  kind = article\n  url = https://***@outlet" in text
    for told in (text, str(report)):
        assert "sesame" not in told
        assert "token=x" not in told


VALUES = st.one_of(
    st.sampled_from(["true", "false", "nan", "-inf", "2023-10-09", "{}", "[[1]]", '["a"]']),
    st.integers(-(2**62), 2**62).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"])).map(json.dumps),
    st.lists(st.integers(-2, 10**6)).map(str),
)
"""Values as TOML has them."""


@given(st.sampled_from(sorted(set(SourceConfig.__struct_fields__) - {"name"})), VALUES)
def test_any_value_of_a_source_is_taken_or_refused_by_name(key: str, value: str) -> None:
    table = {"kind": '"feed"', key: value}
    text = "[outlet]\n" + "".join(f"{name} = {one}\n" for name, one in table.items())
    told = ""
    try:
        parse_sources(text, "my.toml")
    except UsageError as error:
        told = str(error)
    assert not told or told.startswith("my.toml: [outlet]: ")
