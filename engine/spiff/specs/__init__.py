"""Task specs of our own, one family a module: what each BPMN element does with a token."""
