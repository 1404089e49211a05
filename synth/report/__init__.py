"""Counts and documents: the PRISMA flow and the review as one page."""

from synth.report.document import Block, Document, Section, TableBlock, render_document
from synth.report.flow import flow_boxes
from synth.report.prisma import (
    FlowCounts,
    Stream,
    check_flow,
    count_flow,
    counts_as_dict,
    read_prisma_csv,
    write_prisma_csv,
)

__all__ = [
    "Block",
    "Document",
    "FlowCounts",
    "Section",
    "Stream",
    "TableBlock",
    "check_flow",
    "count_flow",
    "counts_as_dict",
    "flow_boxes",
    "read_prisma_csv",
    "render_document",
    "write_prisma_csv",
]
