"""Small pictures for the demo's reports and papers, drawn with nothing but the standard library."""

from __future__ import annotations

import random
import struct
import zlib
from typing import Final

WIDTH, HEIGHT = 240, 160
_PAGE_WIDTH, _PAGE_HEIGHT = 160, 226
_PAPER: Final = (250, 249, 244)
_INK: Final = (70, 74, 84)
_SEAL: Final = (196, 48, 43)


def picture(rng: random.Random, *, mended: bool = False) -> bytes:
    """A PNG of a street seen from far away: sky, houses, road, and a spot that is wrong or mended.

    Args:
        rng: where the colours and shapes come from.
        mended: the spot has gone.
    """
    sky, wall, road = _tone(rng, 170, 60), _tone(rng, 120, 80), _tone(rng, 90, 20)
    spot = road if mended else (200 - rng.randrange(60), 60, 40)
    horizon, kerb = HEIGHT // 3 + rng.randrange(20), HEIGHT * 2 // 3
    left, size = 40 + rng.randrange(120), 18 + rng.randrange(24)
    rows = []
    for y in range(HEIGHT):
        row = _pixels((sky if y < horizon else wall if y < kerb else road), WIDTH)
        if kerb < y < kerb + size:
            row = row[: left * 3] + _pixels(spot, size * 2) + row[(left + size * 2) * 3 :]
        elif horizon - 12 < y < kerb:
            row = _windows(row, y)
        rows.append(row)
    return _png(rows, WIDTH)


def scan(rng: random.Random) -> bytes:
    """A PNG of a page seen from far away: a heading, lines of writing, a seal."""
    ends = [100 + rng.randrange(40) for _ in range(_PAGE_HEIGHT // 8)]
    centre, radius = (112 + rng.randrange(12), 186 + rng.randrange(8)), 17
    rows = []
    for y in range(_PAGE_HEIGHT):
        row = _pixels(_PAPER, _PAGE_WIDTH)
        if 16 <= y < 22:
            row = _paint(row, 45, 115, _INK)
        elif 36 <= y < 172 and y % 8 < 2:
            row = _paint(row, 18, ends[y // 8], _INK)
        if (height := radius**2 - (y - centre[1]) ** 2) > 0:
            half = int(height**0.5)
            row = _paint(row, centre[0] - half, centre[0] - half + 3, _SEAL)
            row = _paint(row, centre[0] + half - 3, centre[0] + half, _SEAL)
        rows.append(row)
    return _png(rows, _PAGE_WIDTH)


def _tone(rng: random.Random, base: int, spread: int) -> tuple[int, int, int]:
    red, green, blue = (min(255, base + rng.randrange(spread)) for _ in range(3))
    return red, green, blue


def _pixels(colour: tuple[int, int, int], count: int) -> bytes:
    return bytes(colour) * count


def _paint(row: bytes, left: int, right: int, colour: tuple[int, int, int]) -> bytes:
    return row[: left * 3] + _pixels(colour, right - left) + row[right * 3 :]


def _windows(row: bytes, y: int) -> bytes:
    if y % 16 < 6:
        return row
    lit = bytes((235, 225, 170)) * 5
    return b"".join(row[x * 3 : (x + 7) * 3] + lit for x in range(0, WIDTH, 12))


def _png(rows: list[bytes], width: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    raw = b"".join(b"\0" + row for row in rows)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
