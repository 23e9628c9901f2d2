"""Shapes on the wire: request and response bodies of the native API."""
