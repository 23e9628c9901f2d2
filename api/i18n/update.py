"""Bring the Chinese catalogue up to date with the sources: `python -m api.i18n.update`.

Prints what has no translation yet and ends with 1 if there is any.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.i18n import CHINESE

API = Path(__file__).parent.parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_BEGUN = datetime(2026, 11, 21, tzinfo=UTC)
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "mark": None, "_": None}
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}


def extract() -> Catalog:
    """Every text of the sources, with where it stands."""
    catalog = Catalog(project="Civiflow", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(API), METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for filename, line, message, comments, _ in found:
        if Path(filename).parts[0] in {"web", "rest", "compat"}:
            continue
        catalog.add(message, None, [(f"api/{filename}", line)], auto_comments=comments)
    return catalog


def load() -> Catalog:
    """The Chinese catalogue as it is committed."""
    with CHINESE.open("rb") as handle:
        return read_po(handle, locale="zh_Hans")


def unfinished(catalog: Catalog) -> list[Message]:
    """Texts without a translation, or with one that was only guessed."""
    return [m for m in catalog if m.id and (m.fuzzy or not _translated(m))]


def _translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _sign(catalog: Catalog) -> None:
    """A header that says what the file is, and nothing that changes by itself."""
    catalog.fuzzy = False
    catalog.header_comment = "# Chinese (Simplified) texts of Civiflow, under its licence (AGPL-3.0-or-later)."
    catalog.version = ""
    catalog.msgid_bugs_address = ""
    catalog.last_translator = catalog.language_team = "The Civiflow authors"
    catalog.creation_date = catalog.revision_date = _BEGUN


def main() -> int:
    """Update the file; what is no longer used is dropped, nothing is guessed."""
    catalog = load() if CHINESE.exists() else Catalog(locale="zh_Hans", project="Civiflow", charset="utf-8")
    _sign(catalog)
    catalog.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    with CHINESE.open("wb") as handle:
        # no line numbers: every edit of a template would change the whole file
        write_po(handle, catalog, width=100, sort_output=True, include_lineno=False, omit_header=False)
    missing = unfinished(catalog)
    for message in missing:
        sys.stdout.write(f"{message.locations[0][0] if message.locations else '?'}: {message.id!r}\n")
    sys.stdout.write(f"{len(missing)} of {len(catalog)} texts have no Chinese yet.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
