"""Where a request comes from: its transport, its own origin, and whether another site sent it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

from engine.errors import Forbidden

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_https(request: Request) -> bool:
    """Whether the browser speaks HTTPS, to this server or to a trusted proxy in front of it."""
    return request.url.scheme == "https"


def is_loopback(request: Request) -> bool:
    """Whether both ends are this machine, and the browser's address bar says so."""
    return request.url.hostname in _LOOPBACK_NAMES and is_loopback_address(client_address(request))


def is_loopback_address(address: str) -> bool:
    """Whether an IP address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def client_address(request: Request) -> str:
    """The other end's IP address, or 'unknown'."""
    return request.client.host if request.client else "unknown"


def address_block(request: Request) -> str:
    """What counts as one address when tries are counted: an IPv4 address, or an IPv6 network of 64 bits."""
    address = client_address(request)
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def require_safe_transport(request: Request) -> None:
    """Refuse to hand out a session over plain HTTP, unless it never leaves this machine.

    Raises:
        Forbidden: says how to reach the site instead.
    """
    if is_https(request) or is_loopback(request):
        return
    raise Forbidden(
        "Expected HTTPS but this is plain HTTP, where others could read your password. Put a TLS proxy in "
        "front and set CIVIFLOW_PUBLIC_URL, or open the page on the server itself at http://127.0.0.1."
    )


def require_same_origin(request: Request) -> None:
    """Refuse a changing request that a page of another site made the browser send (OWASP CSRF, origin check).

    Browsers say where such a request comes from; a program that says nothing is not a browser.

    Raises:
        Forbidden: the request names another origin.
    """
    settings = request.app.state.settings
    own = {f"{request.url.scheme}://{request.url.netloc}".lower()}
    if settings.public_origin:
        own.add(settings.public_origin)
    origin = request.headers.get("origin")
    if origin is None and (referer := request.headers.get("referer")):
        parts = urlsplit(referer)
        origin = f"{parts.scheme}://{parts.netloc}"
    if origin is not None:
        foreign = origin.lower() not in own
    else:
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if foreign:
        raise Forbidden("Expected a request from one of Civiflow's own pages but another site sent it.")
