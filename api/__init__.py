"""The door: REST API, pages, command line, scheduler, and the composition root that wires everything."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("civiflow")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0"
