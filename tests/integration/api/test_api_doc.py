"""The commands in docs/api.md do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site import Site

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_examples_run_as_they_stand(site: Site) -> None:
    script = "\n".join(re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S))
    site.client("li").close()  # makes its token
    env = {**os.environ, "CIVIFLOW": site.url, "TOKEN": site.tokens["li"]}

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=env, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "location: /api/v1/instances/" in done.stdout.lower()
    assert "True" in done.stdout
    assert '"ended":false' in done.stdout
    assert "already done" in done.stdout
