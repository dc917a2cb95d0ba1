"""Good manners: robots.txt once a host and run, and time between two requests to one host."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from flows.errors import Refused
from flows.fetch import robots, urls
from flows.fetch.client import Client, Request
from flows.fetch.responses import Answer, failure
from flows.redact import shown
from flows.settings import SourceConfig

INTERVAL = 1.0
"""Seconds between two requests to one host of the network, where nothing else is configured."""

_REDIRECTS = 5


class Manners:
    """What a run knows of the hosts that it asks."""

    def __init__(self, client: Client, sleep: Callable[[float], None]) -> None:
        """`sleep` waits so many seconds."""
        self._client = client
        self._sleep = sleep
        self._rules: dict[str, robots.Rules] = {}
        self._asked: dict[str, float] = {}

    def ask(self, config: SourceConfig, request: Request) -> Answer:
        """Send a request when it is polite to; robots.txt is asked for first, once a host.

        Raises Refused where that does not allow the address, and the errors of `Client.get`.
        """
        rules = self._of(config, request) if config.robots else robots.Rules()
        if not rules.allow(request.url):
            said = shown(request.url)
            raise Refused(
                f"{said}: the host's robots.txt does not allow programs to fetch it; "
                "robots = false in sources.toml switches that off"
            )
        return self._get(config, request, rules.delay)

    def _get(self, config: SourceConfig, request: Request, delay: float = 0.0) -> Answer:
        host, _ = urls.place(request.url)
        usual = 0.0 if urls.is_loopback(request.url) else INTERVAL
        interval = max(delay, usual if config.interval is None else config.interval)
        if host in self._asked:
            self._wait(self._asked[host] + interval - time.monotonic())
        try:
            return self._client.get(request)
        finally:
            self._asked[host] = time.monotonic()

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)

    def _of(self, config: SourceConfig, request: Request) -> robots.Rules:
        """Return the rules of a host. Raises Unreachable where they cannot be had."""
        where = robots.address(request.url)
        if where not in self._rules:
            self._rules[where] = self._fetched(config, replace(request, url=where, any_type=True))
        return self._rules[where]

    def _fetched(self, config: SourceConfig, request: Request) -> robots.Rules:
        """Fetch a robots.txt; without one everything is allowed (RFC 9309, 2.3.1)."""
        kept = ("user-agent", "accept-encoding")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        request = replace(request, headers=headers, deadline=config.deadline)
        for _ in range(_REDIRECTS + 1):
            answer = self._get(config, request)
            if answer.location is None:
                return _rules(answer, request.url)
            target = urls.redirected(request.url, answer.location)
            private = urls.may_be_private(config, request.url, target)
            request = replace(request, url=target, private=private)
        return robots.Rules()


def _rules(answer: Answer, url: str) -> robots.Rules:
    if answer.status == 200:
        return robots.rules(answer.content)
    if answer.status == 429 or answer.status >= 500:
        # Not known is not allowed: the host may have rules and be in trouble.
        raise failure(answer, shown(url), datetime.now(UTC))
    return robots.Rules()
