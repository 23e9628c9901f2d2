"""The wall around SpiffWorkflow: the one package that imports it.

A checked model is compiled into SpiffWorkflow task specs of our own; SpiffWorkflow's `Task` is the token, its
`Workflow` the marking. Its parsers, script engine, data inheritance, prediction and serializer are not used.
"""

from engine.spiff.check import check
from engine.spiff.compiler import compile_process, compiled_nodes
from engine.spiff.execution import Execution
from engine.spiff.program import Program
from engine.spiff.schema import schema_findings, unsaid
from engine.spiff.waiting import Waiting

__all__ = ["Execution", "Program", "Waiting", "check", "compile_process", "compiled_nodes", "schema_findings", "unsaid"]
