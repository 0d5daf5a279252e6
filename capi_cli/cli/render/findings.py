"""Findings on a screen: the gravest in words, the others by a line each, and never more lines than there is room."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from rich.text import Text

from capi_cli.event.rules import catalogue
from capi_cli.numbers import count, counted
from capi_cli.runs.summary import FindingFacts

STYLES: Final = {"error": "red", "warning": "yellow", "info": "cyan"}
_SEVERITIES = tuple(STYLES)
_INDENT = " " * 9
_NAMED_LATER = 6  # lines kept for findings that get no words of their own
_MOST_ROWS = 5
_SHORTENED = ("user_data.", "custom_data.")
_LONGEST_FIX = 2  # lines; the page of `capi explain` has the rest


def finding_lines(findings: Sequence[FindingFacts], *, width: int, most: int) -> list[Text]:
    """Return at most `most` lines of at most `width` characters about findings grouped by code and field."""
    ranked = sorted(findings, key=lambda one: (_SEVERITIES.index(one.severity), -one.count))
    lines: list[Text] = []
    told = 0
    for told, one in enumerate(ranked):
        words = [_head(one, width), *_words(one, width)]
        later = min(len(ranked) - told - 1, _NAMED_LATER if told else 1)  # the gravest gets its words
        if len(lines) + len(words) + later > most:
            break
        lines += words
    else:
        return lines
    room, rest = most - len(lines), ranked[told:]
    named = rest if len(rest) <= room else rest[: room - 1]
    lines += [_head(one, width) for one in named]
    if left := len(rest) - len(named):
        lines.append(Text(f"    and {counted(left, 'more finding')}; --output json holds them all.", "dim"))
    return lines


def _head(one: FindingFacts, width: int) -> Text:
    """Return severity, count, code, field, first rows and masked samples as one line."""
    line = Text(f"{one.severity:<8} ", STYLES[one.severity], no_wrap=True, overflow="ellipsis")
    line.append(f"{count(one.count)} × ", "bold").append(one.code, "bold")
    if one.field:
        line.append(f" · {short_field(one.field)}", "bold")
    if one.example_rows:
        word = "row" if one.count == 1 else "rows"
        more = ", …" if one.count > len(one.example_rows[:_MOST_ROWS]) else ""
        rows = ", ".join(str(row) for row in one.example_rows[:_MOST_ROWS])
        line.append(f" · {word} {rows}{more}", "dim")
    if one.samples:
        line.append(f" · like {'  '.join(one.samples)}", "dim")
    line.truncate(width, overflow="ellipsis")
    return line


def _words(one: FindingFacts, width: int) -> list[Text]:
    rule = catalogue().get(one.code)
    if rule is None:
        return []
    room = max(20, width - len(_INDENT))
    said = wrap(rule.message.replace("{detail}", one.detail), room)
    mend = wrap(
        f"→ {one.fix or rule.fix}", room, subsequent_indent="  ", max_lines=_LONGEST_FIX, placeholder=" …"
    )
    return [Text(_INDENT + line) for line in said] + [Text(_INDENT + line, "green") for line in mend]


def short_field(path: str) -> str:
    """Return `em` for `user_data.em`, `value` for `custom_data.value`."""
    for group in _SHORTENED:
        path = path.removeprefix(group)
    return path
