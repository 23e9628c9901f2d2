"""Settings that come with a process application: data, read from its `app.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from engine.errors import InvalidInput

APP_FILE = "app.yaml"


def read_settings(files: Mapping[str, bytes]) -> Mapping[str, object]:
    """The `settings` of an application's `app.yaml`, or nothing where there is none.

    Raises:
        InvalidInput: the file is not YAML, or its settings are not a mapping.
    """
    if APP_FILE not in files:
        return {}
    try:
        document: Any = yaml.safe_load(files[APP_FILE])
    except yaml.YAMLError as error:
        raise InvalidInput(f"Expected YAML in {APP_FILE} but: {error}") from error
    settings = document.get("settings", {}) if isinstance(document, dict) else None
    if not isinstance(settings, dict):
        raise InvalidInput(f"Expected a mapping under 'settings' in {APP_FILE}.")
    return settings
