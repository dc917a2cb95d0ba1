"""Which addresses may be fetched, and where a redirect may lead."""

import ipaddress
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from flows.errors import NotThePage, UsageError
from flows.redact import shown
from flows.settings import SourceConfig

_PORTS = {"http": 80, "https": 443}
"""The schemes that are fetched, and the port of an address that names none."""

_LONGEST = 8_000
"""Characters of an address; servers and proxies take some 8 kB (RFC 9110, 4.1)."""


_EMBEDDING = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""Networks whose addresses end in an IPv4 address: NAT64, and IPv4-compatible ones."""

_TRANSLATED_HERE = ipaddress.IPv6Network("64:ff9b:1::/48")
"""NAT64 within a network (RFC 8215): what such an address leads to is that network's."""


def check_address(url: str) -> None:
    """Raise UsageError for what is no http or https address."""
    if not _usable(url):
        raise UsageError(f"{shown(url)}: not an address that can be fetched (http:// or https://)")


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host, in lower case, and the port of an address that can be fetched."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads. Raises NotThePage where we do not follow it.

    That is: no http(s) address, one with a user name, or from https to http.
    """
    here, there = shown(url), shown(location)
    try:
        target, netloc = urljoin(url, location), urlsplit(location).netloc
    except ValueError:
        target, netloc = "", ""
    if not _usable(target) or "@" in netloc:
        raise NotThePage(f"{here}: redirects to {there!r}, which is no web address to follow")
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise NotThePage(f"{here}: redirects to an address that is not https: {there}")
    return target


def may_be_private(config: SourceConfig, asked: str, url: str) -> bool:
    """Whether a request to `url` may reach an address of a private network or of this machine.

    It may where the source allows it, and to the host and port that its own configuration gives
    as a number or as localhost; the asked address stands for one where none is configured.
    """
    if config.allow_private:
        return True
    values = msgspec.structs.astuple(config)
    configured = [value for value in values if isinstance(value, str) and _usable(value)]
    own = {host_and_port(value) for value in configured or [asked]}
    host, port = host_and_port(url)
    return (host, port) in own and (host == "localhost" or _ip_address(host) is not None)


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet; its zone ("fe80::1%eth0") may follow.

    One that stands for an IPv4 address counts as that.
    """
    address = _leads_to(ipaddress.ip_address(number.partition("%")[0]))
    if address in _TRANSLATED_HERE:
        return False
    return address.is_global and not address.is_multicast


def _leads_to(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself.

    Translators and tunnels carry a connection there: mapped and compatible addresses (RFC 4291,
    2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056).
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    if any(address in network for network in _EMBEDDING) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_loopback(url: str) -> bool:
    """Whether an address names this machine."""
    host, _ = host_and_port(url)
    number = _ip_address(host)
    return host == "localhost" or (number is not None and number.is_loopback)


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _usable(url: str) -> bool:
    try:
        if len(url) > _LONGEST:
            return False
        parts = urlsplit(url)
        httpx.URL(url)
        return parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False
