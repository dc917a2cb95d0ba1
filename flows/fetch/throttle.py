"""When a run may ask which host: robots.txt once a host, and time between two requests to it.

One throttle serves all sources of a run, from whatever thread they ask.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from flows.errors import Refused, Unreachable
from flows.fetch import robots, urls
from flows.fetch.client import Client, Request
from flows.fetch.responses import Answer, failure
from flows.redact import shown
from flows.settings import SourceConfig

INTERVAL = 1.0
"""Seconds between two requests to one host of the network, where nothing else is configured."""

LEAST_PATIENCE = 0.001
"""With less than so many seconds left nothing is tried again."""

_REDIRECTS = 5
"""So many redirects of a robots.txt are followed: at least five, says RFC 9309 (2.3.1.2)."""


class Patience:
    """The seconds that are left until a page is there, whatever it takes.

    robots.txt, redirects, further attempts and our own pauses between requests share them.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts the seconds."""
        self.left = seconds
        self._clock = clock

    @contextmanager
    def spent_on(self) -> Iterator[float]:
        """Give what is left to a request or a pause, and take away what it needs of it."""
        started = self._clock()
        try:
            # If nothing is left, the request still ends in the error of a deadline.
            yield max(self.left, LEAST_PATIENCE)
        finally:
            self.left -= self._clock() - started


class Throttle:
    """What a run knows of the hosts that it asks."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        """`sleep` waits so many seconds, `clock` says how many went by since some moment."""
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}
        self._rules: dict[str, robots.Rules] = {}
        self._rules_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def send(
        self, client: Client, config: SourceConfig, request: Request, patience: "Patience"
    ) -> Answer:
        """Send a request when it is polite to; robots.txt is asked for first, once a host.

        All of it together takes no more than what is left of the `patience` with a page. Raises
        Refused where robots.txt does not allow the address, and the errors of `Client.get`.
        """
        rules = robots.Rules()
        if config.robots:
            rules = self._rules_for(client, config, request, patience)
        if not rules.allow(request.url):
            raise Refused(
                f"{shown(request.url)}: the host's robots.txt does not allow programs to fetch it; "
                "robots = false in sources.toml switches that off"
            )
        return self._send_in_turn(client, config, request, patience, rules.delay)

    def _send_in_turn(
        self,
        client: Client,
        config: SourceConfig,
        request: Request,
        patience: "Patience",
        delay: float = 0.0,
    ) -> Answer:
        """Send a request some time after the last one to its host has ended.

        Raises Unreachable, at once, where that is later than the patience with the page lasts.

        Where another thread's request is under way, the time counts from its beginning: a host
        that is slow for one source does not hold up the others.
        """
        host, _ = urls.host_and_port(request.url)
        usual = 0.0 if urls.is_loopback(request.url) else INTERVAL
        interval = max(delay, usual if config.interval is None else config.interval)
        with self._lock:
            now = self._clock()
            turn = max(now, self._asked[host] + interval) if host in self._asked else now
            if turn - now >= patience.left:
                raise Unreachable(
                    f"{shown(request.url)}: by the pauses that its host is owed, its turn comes in "
                    f"{turn - now:.3g} s, when the deadline of the page is over; "
                    "a longer deadline in sources.toml waits for it"
                )
            self._asked[host] = turn
        if turn > now:
            with patience.spent_on():
                self._sleep(turn - now)
        try:
            with patience.spent_on() as left:
                return client.get(replace(request, deadline=left))
        finally:
            with self._lock:
                self._asked[host] = max(self._asked[host], self._clock())

    def _rules_for(
        self, client: Client, config: SourceConfig, request: Request, patience: "Patience"
    ) -> robots.Rules:
        """Return the rules of a host. Raises Unreachable where they cannot be had."""
        where = robots.address(request.url)
        with self._lock:
            asking = self._rules_locks[where]
        with patience.spent_on() as left:
            free = asking.acquire(timeout=left)
        if not free:
            raise Unreachable(f"{shown(where)}: no answer while another source waits for it")
        try:
            if where not in self._rules:
                asked = replace(request, url=where, any_type=True)
                self._rules[where] = self._fetched_rules(client, config, asked, patience)
            return self._rules[where]
        finally:
            asking.release()

    def _fetched_rules(
        self, client: Client, config: SourceConfig, request: Request, patience: "Patience"
    ) -> robots.Rules:
        """Fetch a robots.txt; without one everything is allowed (RFC 9309, 2.3.1)."""
        kept = ("user-agent", "accept-encoding")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        request = replace(request, headers=headers)
        for _ in range(_REDIRECTS + 1):
            answer = self._send_in_turn(client, config, request, patience)
            if answer.location is None:
                return _rules_of(answer, request.url)
            target = urls.redirected(request.url, answer.location)
            private = urls.may_be_private(config, request.url, target)
            request = replace(request, url=target, private=private)
        return robots.Rules()


def _rules_of(answer: Answer, url: str) -> robots.Rules:
    if answer.status == 200:
        return robots.rules(answer.content)
    if answer.status == 429 or answer.status >= 500:
        # Not known is not allowed: the host may have rules and be in trouble.
        raise failure(answer, shown(url), datetime.now(UTC))
    return robots.Rules()
