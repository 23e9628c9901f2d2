"""`python -m api.cli` is the command `civiflow`."""

from api.cli import main

main()
