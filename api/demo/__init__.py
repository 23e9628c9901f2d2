"""The demo: an invented city with half a year of work behind it, and the main job played once.

`ensure(url)` fills a database of its own on the first start, through the real engine on a clock that is
moved; the server then opens the same database with the real time. `play_once()` plays the main job in
memory: upload, work, a bot that fails and is retried, a document, a report.
"""

from api.demo.once import play_once
from api.demo.seeding import Demo, ensure, seed

__all__ = ["Demo", "ensure", "play_once", "seed"]
