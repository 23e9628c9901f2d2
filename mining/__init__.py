"""Reads event logs and says where the time goes.

Importing this package is cheap: polars is imported inside the functions that compute, so a
web process that only shows reports never loads it. The way through:

    readers.read_log(path)          a file (XES, CSV, gzipped or not) -> an EventLog
    reports.bottleneck_report(log)  any EventLog -> a BottleneckReport of plain data
    text.render_text(report)        the report as a table for the terminal
    svg.render_map(report)          the process map as a self-contained picture

What the numbers mean, and their traps: docs/mining.md.
"""
