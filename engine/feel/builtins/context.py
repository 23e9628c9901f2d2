"""Context functions (DMN 1.5, 10.3.4.10, Table 81)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.runtime import Run

Context = dict[str, object]


@builtin("get value", "m: context", "key: string")
def _get_value(run: Run, context: Context, key: str) -> object:
    return context.get(key)


@builtin("get value", "m: context", "keys: list")
def _get_nested_value(run: Run, context: Context, keys: list[object]) -> object:
    """Camunda's extension: a path of keys; one without keys leads nowhere."""
    value: object = context if keys else None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value


@builtin("get entries", "m: context")
def _get_entries(run: Run, context: Context) -> list[Context]:
    run.grow(3 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def _context(run: Run, entries: list[object]) -> Context | None:
    run.grow(len(entries))
    made: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put", "context: context", "key: string", "value: any")
def _context_put(run: Run, context: Context, key: str, value: object) -> Context:
    run.grow(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context", "keys: list", "value: any")
def _context_put_nested(run: Run, context: Context, keys: list[object], value: object) -> Context | None:
    """Puts along a path of keys; contexts on the way that do not exist are made."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    path: list[Context] = [context]
    for key in keys[:-1]:
        inner = path[-1].get(str(key), {})
        if not isinstance(inner, dict):
            return None
        path.append(inner)
    made = value
    for inner, key in zip(reversed(path), reversed(keys), strict=True):
        run.grow(len(inner) + 1)
        made = {**inner, str(key): made}
    return made  # type: ignore[return-value]


@builtin("context merge", "contexts: list")
def _context_merge(run: Run, contexts: list[object]) -> Context | None:
    made: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        run.grow(len(context))
        made.update(context)
    return made
