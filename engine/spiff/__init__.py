"""The wall around SpiffWorkflow: the one package that imports it."""
