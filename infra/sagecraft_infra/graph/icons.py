"""The icons of the kinds of resources: strokes in a square of one unit, `y` downwards."""

from collections.abc import Mapping
from math import cos, pi, sin
from typing import Final

from sagecraft_infra.noun.look import Kind

Stroke = tuple[tuple[float, float], ...]


def _arc(x: float, y: float, width: float, height: float, begin: float, end: float, steps: int = 16) -> Stroke:
    """A part of an ellipse; angles in turns, clockwise from the right."""
    angles = [2 * pi * (begin + (end - begin) * step / steps) for step in range(steps + 1)]
    return tuple((x + width / 2 * cos(angle), y + height / 2 * sin(angle)) for angle in angles)


def _box(left: float, top: float, right: float, bottom: float) -> Stroke:
    return ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


def _gear() -> tuple[Stroke, ...]:
    teeth = [
        ((0.5 + 0.27 * cos(angle), 0.5 + 0.27 * sin(angle)), (0.5 + 0.4 * cos(angle), 0.5 + 0.4 * sin(angle)))
        for angle in (2 * pi * tooth / 8 for tooth in range(8))
    ]
    return (_arc(0.5, 0.5, 0.52, 0.52, 0, 1), _arc(0.5, 0.5, 0.16, 0.16, 0, 1), *teeth)


ICONS: Final[Mapping[Kind, tuple[Stroke, ...]]] = {
    Kind.DATA: (
        _arc(0.5, 0.22, 0.6, 0.2, 0, 1),
        ((0.2, 0.22), (0.2, 0.78)),
        ((0.8, 0.22), (0.8, 0.78)),
        _arc(0.5, 0.5, 0.6, 0.2, 0, 0.5),
        _arc(0.5, 0.78, 0.6, 0.2, 0, 0.5),
    ),
    Kind.JOB: _gear(),
    Kind.MODEL: (
        ((0.5, 0.1), (0.85, 0.3), (0.85, 0.7), (0.5, 0.9), (0.15, 0.7), (0.15, 0.3), (0.5, 0.1)),
        ((0.15, 0.3), (0.5, 0.5), (0.85, 0.3)),
        ((0.5, 0.5), (0.5, 0.9)),
    ),
    Kind.ENDPOINT_CONFIG: (
        ((0.15, 0.25), (0.85, 0.25)),
        ((0.15, 0.5), (0.85, 0.5)),
        ((0.15, 0.75), (0.85, 0.75)),
        _arc(0.65, 0.25, 0.14, 0.14, 0, 1),
        _arc(0.3, 0.5, 0.14, 0.14, 0, 1),
        _arc(0.6, 0.75, 0.14, 0.14, 0, 1),
    ),
    Kind.ENDPOINT: (
        _arc(0.5, 0.5, 0.76, 0.76, 0, 1),
        _arc(0.5, 0.5, 0.32, 0.76, 0, 1),
        ((0.12, 0.5), (0.88, 0.5)),
    ),
    Kind.NOTEBOOK: (
        _box(0.22, 0.12, 0.82, 0.88),
        ((0.36, 0.12), (0.36, 0.88)),
        ((0.48, 0.32), (0.7, 0.32)),
        ((0.48, 0.5), (0.7, 0.5)),
    ),
    Kind.ROLE: (_arc(0.5, 0.3, 0.34, 0.34, 0, 1), (*_arc(0.5, 0.88, 0.7, 0.66, 0.5, 1), (0.15, 0.88))),
    Kind.MONITORING: (
        ((0.14, 0.72), (0.26, 0.6), *_arc(0.5, 0.4, 0.48, 0.52, 0.5, 1), (0.74, 0.6), (0.86, 0.72), (0.14, 0.72)),
        _arc(0.5, 0.76, 0.2, 0.2, 0, 0.5),
    ),
    Kind.KEY: (
        _arc(0.3, 0.5, 0.36, 0.36, 0, 1),
        ((0.48, 0.5), (0.9, 0.5), (0.9, 0.66)),
        ((0.74, 0.5), (0.74, 0.62)),
    ),
    Kind.NETWORK: (
        _box(0.38, 0.1, 0.62, 0.34),
        _box(0.1, 0.66, 0.34, 0.9),
        _box(0.66, 0.66, 0.9, 0.9),
        ((0.5, 0.34), (0.5, 0.5)),
        ((0.22, 0.66), (0.22, 0.5), (0.78, 0.5), (0.78, 0.66)),
    ),
    Kind.OTHER: (_box(0.18, 0.18, 0.82, 0.82),),
}

COLOURS: Final[Mapping[Kind, str]] = {
    Kind.DATA: "#2f7d32",
    Kind.JOB: "#c2570c",
    Kind.MODEL: "#6d28d9",
    Kind.ENDPOINT_CONFIG: "#0e7490",
    Kind.ENDPOINT: "#1d4ed8",
    Kind.NOTEBOOK: "#a16207",
    Kind.ROLE: "#64748b",
    Kind.MONITORING: "#be123c",
    Kind.KEY: "#7c5e3c",
    Kind.NETWORK: "#0f766e",
    Kind.OTHER: "#52525b",
}
"""Dark enough for white icons; no two that often stand side by side are told apart by red and green alone."""
