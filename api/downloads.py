"""Files on their way out: saved by the browser, never shown or run in the site's name."""

from __future__ import annotations

from urllib.parse import quote


def download_headers(name: str) -> dict[str, str]:
    """Headers of a response that carries somebody's file.

    Args:
        name: shown to whoever saves it (RFC 6266: an ASCII form, and the true one in UTF-8).
    """
    name = name.rpartition("/")[2] or "file"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
