"""The process map as a self-contained SVG picture: no script, no outside reference, all text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, sqrt
from xml.sax.saxutils import escape, quoteattr

from mining.process_map import LINE_HEIGHT, edge_label, node_label, process_map
from mining.results import BottleneckReport, MapEdge, MapNode, ProcessMap
from mining.words import HOUR, Sentence, display_width, hours_text, is_chinese, share_text, short_duration

_FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
)
_INK, _SOFT, _LINE, _PAPER = "#1f2933", "#52606d", "#7b8794", "#ffffff"
_SHADES = ("#f5f7fa", "#fef0d9", "#fdd49e", "#fdbb84", "#fc8d59", "#c92a1d")
_LIMITS = (0.01, 0.10, 0.25, 0.50, 0.75)
_CAPTION = 62.0
_LEAST_WIDTH = 460.0

_WORDS = {
    "title": Sentence(en="Process map", zh="流程图"),
    "start": Sentence(en="Start", zh="开始"),
    "end": Sentence(en="End", zh="结束"),
    "waiting": Sentence(en="Hours waiting", zh="等待小时数"),
    "sojourn": Sentence(en="Hours spent", zh="停留小时数"),
    "none": Sentence(en="There is nothing to draw.", zh="没有可绘制的内容。"),
}


def render_map(
    report: BottleneckReport,
    language: str | None = None,
    *,
    paths: float | None = None,
    id_prefix: str = "map",
) -> str:
    """The process map of a report.

    Args:
        report: of any log.
        language: 'en' or 'zh'; None takes the report's.
        paths: how much to show, from 0 to 1: the most frequent steps that make up this share of all.
            None takes the report's own choice.
        id_prefix: makes ids unique where several maps stand on one page; letters, digits, '-'.

    Returns:
        An `<svg>` element with a title and a description for screen readers; safe to put into a page.
    """
    language = language or report.language
    drawn = report.map if paths is None else process_map(report.activities, report.edges, paths=paths)
    width = max(drawn.width, _LEAST_WIDTH)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(drawn.height + _CAPTION)}" '
        f'width="{_n(width)}" height="{_n(drawn.height + _CAPTION)}" role="img" '
        f'aria-labelledby="{id_prefix}-title {id_prefix}-desc" font-family="{escape(_FONT)}" font-size="12">',
        f'<title id="{id_prefix}-title">{_WORDS["title"].in_language(language)}</title>',
        f'<desc id="{id_prefix}-desc">{escape(_description(report, drawn, language))}</desc>',
        _markers(id_prefix),
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
        f'<g transform="translate({_n((width - drawn.width) / 2)} 0)">',
    ]
    most = max((edge.count for edge in drawn.edges), default=1)
    for edge in sorted(drawn.edges, key=lambda e: e.count):
        parts.append(_edge(edge, most, drawn, language, id_prefix))
    worst = max((node.waiting_seconds for node in drawn.nodes), default=0.0)
    parts += [_node(node, worst, language) for node in drawn.nodes]
    parts += [_edge_label(edge, language) for edge in drawn.edges]
    parts += ["</g>", *_caption(report, drawn, worst, width, language), "</svg>"]
    return "\n".join(parts)


def _description(report: BottleneckReport, drawn: ProcessMap, language: str) -> str:
    worst = sorted(
        (n for n in drawn.nodes if n.kind == "activity" and n.waiting_seconds > 0),
        key=lambda n: -n.waiting_seconds,
    )[:3]
    if is_chinese(language):
        names = "；".join(f"{n.name}（{hours_text(n.waiting_seconds / HOUR)} 小时）" for n in worst)
        return f"{_coverage(drawn, language)}。等待最久：{names or '无'}。"
    names = "; ".join(f"{n.name} ({hours_text(n.waiting_seconds / HOUR)} hours)" for n in worst)
    return f"{_coverage(drawn, language)}. Most waiting: {names or 'none'}."


def _coverage(drawn: ProcessMap, language: str) -> str:
    activities = sum(node.kind == "activity" for node in drawn.nodes)
    share = share_text(drawn.shown)
    if is_chinese(language):
        return (
            f"显示 {activities}/{drawn.activities_total} 个活动、"
            f"{len(drawn.edges)}/{drawn.edges_total} 条路径，占全部步骤的 {share}"
        )
    return (
        f"{activities} of {drawn.activities_total} activities, "
        f"{len(drawn.edges)} of {drawn.edges_total} paths: {share} of all steps"
    )


def _markers(prefix: str) -> str:
    return (
        f'<defs><marker id="{prefix}-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" '
        f'markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        f'<path d="M0 0.8 10 5 0 9.2 2.4 5z" fill="{_SOFT}"/></marker></defs>'
    )


def _edge(edge: MapEdge, most: int, drawn: ProcessMap, language: str, prefix: str) -> str:
    names = {node.element_id: _node_name(node, language) for node in drawn.nodes}
    thickness = 1.1 + 4.4 * sqrt(edge.count / most)
    told = f"{names[edge.from_id]} → {names[edge.to_id]}: {edge_label(edge, language)}"
    return (
        f'<path d="{_path(edge)}" fill="none" stroke="{_LINE}" stroke-width="{_n(thickness)}" '
        f'marker-end="url(#{prefix}-arrow)"><title>{escape(told)}</title></path>'
    )


def _path(edge: MapEdge) -> str:
    points = edge.points
    (x0, y0), (x1, y1), *_ = points
    if edge.from_id == edge.to_id:
        (_, _), (reach, _), (x2, y2) = points
        out = x0 + (reach - x0) * 4 / 3
        return f"M{_n(x0)} {_n(y0)}C{_n(out)} {_n(y0 - 6)} {_n(out)} {_n(y2 + 6)} {_n(x2)} {_n(y2)}"
    if len(points) == 3 and points[0][1] == points[2][1]:
        x2, y2 = points[2]
        return f"M{_n(x0)} {_n(y0)}Q{_n(x0)} {_n(y1)} {_n(x1)} {_n(y1)}Q{_n(x2)} {_n(y1)} {_n(x2)} {_n(y2)}"
    slopes = _slopes(points)
    path = f"M{_n(x0)} {_n(y0)}"
    for ((ax, ay), a), ((bx, by), b) in pairwise(zip(points, slopes, strict=True)):
        third = (by - ay) / 3
        path += f"C{_n(ax + a * third)} {_n(ay + third)} {_n(bx - b * third)} {_n(by - third)} {_n(bx)} {_n(by)}"
    return path


def _slopes(points: Sequence[tuple[float, float]]) -> list[float]:
    """dx/dy at each point of a line that runs up or down: upright at its ends, never overshooting between.

    Source: Fritsch and Butland, "A method for constructing local monotone piecewise cubic
    interpolants" (1984): the harmonic mean of the neighbouring slopes.
    """
    steps = [(bx - ax) / (by - ay) for (ax, ay), (bx, by) in pairwise(points)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(steps)]
    return [0.0, *inner, 0.0]


def _edge_label(edge: MapEdge, language: str) -> str:
    label = edge_label(edge, language)
    width = display_width(label) * 6.0 + 6
    return (
        f'<rect x="{_n(edge.label_x - width / 2)}" y="{_n(edge.label_y - 8)}" width="{_n(width)}" '
        f'height="16" rx="4" fill="{_PAPER}" fill-opacity="0.88"/>'
        f'<text x="{_n(edge.label_x)}" y="{_n(edge.label_y + 3.5)}" text-anchor="middle" font-size="10.5" '
        f'fill="{_INK}">{escape(label)}</text>'
    )


def _node_name(node: MapNode, language: str) -> str:
    return node.name if node.kind == "activity" else _WORDS[node.kind].in_language(language)


def _node(node: MapNode, worst: float, language: str) -> str:
    if node.kind != "activity":
        return _circle(node, language)
    shade = _shade(node.waiting_seconds, worst)
    ink, soft = ("#ffffff", "#ffffff") if shade == _SHADES[-1] else (_INK, "#3e4c59")
    lines = node_label(node.name)
    middle = node.x + node.w / 2
    top = node.y + (node.h - (len(lines) + 1) * LINE_HEIGHT) / 2 + 11.5
    texts = [
        f'<text x="{_n(middle)}" y="{_n(top + i * LINE_HEIGHT)}" text-anchor="middle" font-weight="600" '
        f'fill="{ink}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
    texts.append(
        f'<text x="{_n(middle)}" y="{_n(top + len(lines) * LINE_HEIGHT)}" text-anchor="middle" '
        f'font-size="10.5" fill="{soft}">{escape(_figures(node, language))}</text>'
    )
    return (
        f"<g data-element-id={quoteattr(node.element_id)}><title>{escape(_told(node, language))}</title>"
        f'<rect x="{_n(node.x)}" y="{_n(node.y)}" width="{_n(node.w)}" height="{_n(node.h)}" rx="7" '
        f'fill="{shade}" stroke="{_SOFT}" stroke-width="1"/>{"".join(texts)}</g>'
    )


def _figures(node: MapNode, language: str) -> str:
    hours = hours_text(node.waiting_seconds / HOUR)
    times = f"{node.count:,} 次" if is_chinese(language) else f"{node.count:,}×"
    if node.median is None and not node.waiting_seconds:
        return times
    return f"{times} · {hours} {'小时' if is_chinese(language) else 'h'}"


def _told(node: MapNode, language: str) -> str:
    median = short_duration(node.median, language)
    hours = hours_text(node.waiting_seconds / HOUR)
    if is_chinese(language):
        return f"{node.name}：{node.count:,} 次，停留时间中位数 {median}，等待共 {hours} 小时"
    return f"{node.name}: {node.count:,} times, median sojourn time {median}, {hours} hours of waiting"


def _circle(node: MapNode, language: str) -> str:
    x, y, radius = node.x + node.w / 2, node.y + node.h / 2, node.w / 2 - 1
    inner = (
        f'<path d="M{_n(x - 4)} {_n(y - 6)} {_n(x + 7)} {_n(y)} {_n(x - 4)} {_n(y + 6)}z" fill="{_SOFT}"/>'
        if node.kind == "start"
        else f'<rect x="{_n(x - 5)}" y="{_n(y - 5)}" width="10" height="10" rx="1" fill="{_SOFT}"/>'
    )
    told = f"{_node_name(node, language)}: {node.count:,}"
    return (
        f"<g><title>{escape(told)}</title>"
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{_PAPER}" stroke="{_SOFT}" '
        f'stroke-width="{1.5 if node.kind == "start" else 3}"/>{inner}</g>'
    )


def _shade(seconds: float, worst: float) -> str:
    share = seconds / worst if worst > 0 else 0.0
    return _SHADES[sum(share >= limit for limit in _LIMITS)]


def _caption(report: BottleneckReport, drawn: ProcessMap, worst: float, width: float, language: str) -> Iterator[str]:
    """Below the map: how much of the process it shows, and what the colours mean."""
    y = drawn.height + 12
    text = _coverage(drawn, language) if drawn.nodes else _WORDS["none"].in_language(language)
    yield f'<text x="16" y="{_n(y)}" fill="{_SOFT}" font-size="11">{escape(text)}</text>'
    if worst <= 0:
        return
    split = any(a.queue.n or a.service.n for a in report.activities)
    label = _WORDS["waiting" if split else "sojourn"].in_language(language)
    yield f'<text x="16" y="{_n(y + 30)}" fill="{_SOFT}" font-size="11">{escape(label)}</text>'
    left, step = 108.0, 52.0
    for i, shade in enumerate(_SHADES):
        yield (
            f'<rect x="{_n(left + i * step)}" y="{_n(y + 14)}" width="{_n(step)}" height="10" fill="{shade}" '
            f'stroke="{_LINE}" stroke-width="0.5"/>'
        )
        bound = 0.0 if i == 0 else _LIMITS[i - 1] * worst / HOUR
        yield (
            f'<text x="{_n(left + i * step)}" y="{_n(y + 38)}" fill="{_SOFT}" font-size="10">'
            f"{hours_text(bound if bound < 10 else ceil(bound))}</text>"
        )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
