"""`python -m tests.crash.child …` is the command `civiflow …`, with what an experiment needs and nothing ships:

- `CIVIFLOW_FAULT` arms a fault point (see `tests.crash.faults`);
- `CIVIFLOW_LEASE_SECONDS` shortens the leases of bots, so that a dead worker is missed sooner;
- the browser's side is not built: no experiment looks at a page.
"""

from __future__ import annotations

import os
from datetime import timedelta

from tests.crash import faults

LEASE = "CIVIFLOW_LEASE_SECONDS"


def _prepare() -> None:
    from api import assets
    from bots.worker import Worker

    assets.build = lambda *_, **__: assets.Assets(stamp="none", islands=False)
    if seconds := os.environ.get(LEASE):
        defaults = Worker.__init__.__kwdefaults__
        assert defaults and "lease" in defaults
        defaults["lease"] = timedelta(seconds=float(seconds))
    if asked := os.environ.get(faults.VARIABLE):
        faults.arm(asked)


if __name__ == "__main__":
    _prepare()
    from api.cli import main

    main()
