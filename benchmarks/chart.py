"""A bar chart as SVG, by hand: groups of horizontal bars, readable in dark and light."""

from collections.abc import Sequence
from html import escape

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP, _TOP = 760, 150, 90, 15, 14, 52
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .quiet { fill: #59636e }
  .s0 { fill: #0969da } .s1 { fill: #8c959f } .s2 { fill: #c8cdd3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .s0 { fill: #4493f8 } .s1 { fill: #7d8590 } .s2 { fill: #484f58 }
  }
"""


def bars(groups: Sequence[tuple[str, Sequence[float]]], series: Sequence[str], unit: str) -> str:
    """Return an SVG of groups of bars, one for each series, the values written beside them."""
    most = max(value for _, values in groups for value in values)
    height = _TOP + len(groups) * (len(series) * _BAR + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(', '.join(series))}: {escape(unit)}</title>",
        f"<style>{_STYLE}</style>",
        *_legend(series, unit),
    ]
    y = _TOP
    for label, values in groups:
        middle = y + len(series) * _BAR / 2 + 4
        parts.append(f'<text x="{_LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>')
        for number, value in enumerate(values):
            width = max(1.0, value / most * (_WIDTH - _LEFT - _RIGHT))
            parts.append(
                f'<rect class="s{number}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 2}" rx="2"/>'
                f'<text class="quiet" x="{_LEFT + width + 6:.1f}" y="{y + 11}">{value:,.0f}</text>'
            )
            y += _BAR
        y += _GAP
    return "\n".join([*parts, "</svg>", ""])


def _legend(series: Sequence[str], unit: str) -> list[str]:
    parts, x = (
        [f'<text class="quiet" x="{_WIDTH - 10}" y="24" text-anchor="end">{escape(unit)}</text>'],
        _LEFT,
    )
    for number, name in enumerate(series):
        parts.append(f'<rect class="s{number}" x="{x}" y="13" width="12" height="12" rx="2"/>')
        parts.append(f'<text x="{x + 18}" y="24">{escape(name)}</text>')
        x += 40 + 8 * len(name)
    return parts
