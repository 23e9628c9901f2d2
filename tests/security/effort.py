"""How much of everything is tried: a little in `make test`, much more in `make security`."""

from __future__ import annotations

import os

LONG = os.environ.get("CIVIFLOW_SECURITY") == "long"
