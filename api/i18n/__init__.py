"""Chinese and English: the catalogues, and which language a request gets.

English is the language of the sources, so its catalogue is the sources themselves; Chinese stands
in `zh_Hans/LC_MESSAGES/civiflow.po`, read as it is (nothing compiled is kept). After changing a
text run `python -m api.i18n.update`, which brings the catalogue up to date and says what is
missing. Names inside processes (steps, fields, forms) come from the processes themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast, get_args

from babel.core import Locale, negotiate_locale
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LOCALES: Final[Mapping[Language, Locale]] = {
    "zh": Locale("zh", script="Hans"),
    "en": Locale("en"),
}
NAMES: Final[Mapping[Language, str]] = {"zh": "中文", "en": "English"}
"""Each language by its own name, as a switch shows it."""

FOLDER = Path(__file__).parent
CHINESE = FOLDER / "zh_Hans" / "LC_MESSAGES" / "civiflow.po"


class Texts:
    """The texts of one language; `gettext` and `ngettext` give the English source where one is missing."""

    def __init__(self, language: Language, messages: Mapping[str, str | tuple[str, ...]]) -> None:
        self.language: Language = language
        self.locale = LOCALES[language]
        self._messages = messages

    def gettext(self, message: str) -> str:
        """The text in this language."""
        found = self._messages.get(message)
        return found if isinstance(found, str) and found else message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The text for a count; Chinese has one form for every number, English has two."""
        found = self._messages.get(singular)
        if isinstance(found, tuple) and found and found[0]:
            return found[0]
        return singular if number == 1 else plural


@cache
def texts(language: Language) -> Texts:
    """The catalogue of a language."""
    if language == "en":
        return Texts("en", {})
    with CHINESE.open("rb") as handle:
        catalog = read_po(handle, locale="zh_Hans")
    messages: dict[str, str | tuple[str, ...]] = {}
    for message in catalog:
        if message.id and not message.fuzzy:
            source = message.id if isinstance(message.id, str) else message.id[0]
            found = message.string or ""
            messages[source] = found if isinstance(found, str) else tuple(found)
    return Texts("zh", messages)


def choose_language(*wishes: str | None, accept: str = "", default: Language = "zh") -> Language:
    """The first wish that is a known language, else the best of an Accept-Language header, else the default.

    Args:
        wishes: explicit choices, the strongest first: the address, the user's cookie.
        accept: the header as the browser sent it.
        default: the site's own language.
    """
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    ranked = sorted(_ranked(accept), key=lambda entry: -entry[0])
    preferred = [tag.split("-", 1)[0].lower() for weight, tag in ranked if weight > 0]
    return cast(Language, negotiate_locale(preferred, list(LANGUAGES)) or default)


def _ranked(accept: str) -> list[tuple[float, str]]:
    entries: list[tuple[float, str]] = []
    for part in accept.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            entries.append((float(weight or 1), tag))
        except ValueError:
            continue
    return entries


def mark(message: str) -> str:
    """Mark a text for the catalogue where it stands; it is translated later, where it is shown."""
    return message


Translate = Callable[[str], str]
