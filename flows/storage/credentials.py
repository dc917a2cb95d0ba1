"""Where S3 is and who asks, from the places where other tools look: the environment, a profile.

obstore itself knows the environment and the role of a machine or a container; the files of profiles
are read here. Their format and order: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

import os
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from flows.errors import UsageError

_OWN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)
"""Variables that say who asks; a profile comes after them."""

_KEYS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}
_PLACE = {"region": "region", "endpoint_url": "endpoint"}

_PLACES = (
    ("AWS_DEFAULT_REGION", "region"),
    ("AWS_REGION", "region"),
    ("AWS_ENDPOINT", "endpoint"),
    ("AWS_ENDPOINT_URL", "endpoint"),
    ("AWS_ENDPOINT_URL_S3", "endpoint"),
)
"""Variables that say where S3 is, the more special ones last."""

VARIABLES = (
    *(*_OWN, *(name for name, _ in _PLACES), "AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
)
"""The variables that are read here."""

_ELSEWHERE = ("role_arn", "sso_session", "sso_start_url", "credential_process")
"""Settings of a profile that send one elsewhere for the keys."""


def s3_config() -> dict[str, str]:
    """Return what obstore does not find by itself, under its names; nothing of it is kept.

    Raises UsageError for a profile that is named and not there, or that holds no keys itself.
    """
    named = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    profile = _profile(named or "default")
    if named and not profile:
        raise UsageError(f"there is no AWS profile {named!r}, which AWS_PROFILE names")
    config: dict[str, str] = {}
    if not any(os.environ.get(name) for name in _OWN):
        config = {ours: profile[name] for name, ours in _KEYS.items() if name in profile}
        if named and "access_key_id" not in config and set(_ELSEWHERE) & profile.keys():
            raise UsageError(
                f"the AWS profile {named!r} gets its keys from elsewhere, which is not supported. "
                "Put them into the environment: "
                f"eval $(aws configure export-credentials --profile {named} --format env)"
            )
    config |= {ours: profile[name] for name, ours in _PLACE.items() if name in profile}
    for variable, ours in _PLACES:
        if value := os.environ.get(variable):
            config[ours] = value
    return config


def plain_http(config: Mapping[str, str]) -> bool:
    """Whether the endpoint was given as http://, as stores on one's own machine are."""
    return config.get("endpoint", "").lower().startswith("http://")


def _profile(name: str) -> dict[str, str]:
    """Return the settings of a profile, those of the file of credentials before the others."""
    home = Path.home() / ".aws"
    settings: dict[str, str] = {}
    for variable, file, section in (
        ("AWS_CONFIG_FILE", "config", name if name == "default" else f"profile {name}"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials", name),
    ):
        path = Path(os.environ.get(variable) or home / file).expanduser()
        parser = ConfigParser(interpolation=None, default_section="", strict=False)
        try:
            parser.read_string(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        except Error:  # its text shows a line, and that may be a key
            raise UsageError(f"{path} is no file of AWS profiles") from None
        if parser.has_section(section):
            settings |= dict(parser[section])
    return settings
