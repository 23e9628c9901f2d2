"""The read side: one module a noun; every query carries the principal's visibility in itself."""

from __future__ import annotations

from engine.store.queries.base import BaseReader
from engine.store.queries.decisions import DecisionQueries
from engine.store.queries.definitions import DefinitionQueries
from engine.store.queries.documents import DocumentQueries
from engine.store.queries.files import FileQueries
from engine.store.queries.incidents import IncidentQueries
from engine.store.queries.instances import InstanceQueries
from engine.store.queries.jobs import JobQueries
from engine.store.queries.notifications import NotificationQueries
from engine.store.queries.tasks import TaskQueries

__all__ = [
    "BaseReader",
    "DecisionQueries",
    "DefinitionQueries",
    "DocumentQueries",
    "FileQueries",
    "IncidentQueries",
    "InstanceQueries",
    "JobQueries",
    "NotificationQueries",
    "TaskQueries",
]
