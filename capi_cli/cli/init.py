"""`capi init`: look at a file, recognise it, ask what only a person knows, write capi.toml."""

import inspect
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from capi_cli.cli import options, request, settings, values
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.settings import Settings
from capi_cli.cli.voice import Voice, write_line
from capi_cli.runs.init import Initialised, InitRequest, init, refuse_existing
from capi_cli.runs.init_draft import Nobody, Question

NAME = "init"
_STDOUT = "-"
_DEFAULT = "capi.toml"
_OPTIONS = (
    options.Option(
        name="to",
        help="Where to write; - prints it. A file that is there is never overwritten.",
        panel=options.OUTPUT_PANEL,
        short="o",
        metavar="PATH",
        parse=values.text,
        from_environment=False,
        from_config=False,
        default=_DEFAULT,
    ),
    options.Option(
        name="yes",
        help="Ask nothing; what is not settled is written commented out.",
        panel=options.OUTPUT_PANEL,
        short="y",
        from_config=False,
    ),
    *(option for option in options.SOURCE if option.name not in ("limit", "since")),
    *(option for option in options.MAPPING if option.name != "config"),
    *(option for option in options.OUTPUT if option.name in ("output", "quiet", "no_color")),
)
_SOURCE = inspect.Parameter(
    "source",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    annotation=Annotated[
        str, typer.Argument(help="A file, or - for stdin; of several files the first.", metavar="SOURCE")
    ],
)


@dataclass(frozen=True, slots=True)
class _Person:
    """Asks on stderr and reads stdin; an empty line leaves a question open."""

    voice: Voice

    def ask(self, question: Question) -> str | None:
        """Return one of the choices, or what was typed where that is allowed."""
        console = self.voice.console(stderr=True)
        console.print()
        console.print(Text(question.text, style="bold"))
        for number, choice in enumerate(question.choices, 1):
            console.print(Text(f"  {number}  {choice}"), soft_wrap=True)
        own = (
            "your own" if not question.choices else "a number, or your own" if question.check else "a number"
        )
        while True:
            console.print(f"{question.name}, {own}; Enter leaves it open: ", end="", markup=False)
            typed = sys.stdin.readline()
            answer = typed.strip()
            if not answer:
                if not typed:
                    console.print()
                return None
            if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(question.choices):
                return question.choices[int(answer) - 1]
            if answer in question.choices:
                return answer
            try:
                if question.check is not None:
                    return question.check(answer)
                expected = f"1 to {len(question.choices)}"
            except ValueError as error:
                expected = str(error)
            console.print(Text(f"  Expected: {expected}", style="yellow"), soft_wrap=True)


@options.takes(*_OPTIONS, arguments=(_SOURCE,))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Look at SOURCE, recognise it, and write capi.toml with the mapping. Sends nothing and needs no token."""
    invocation: Invocation = context.obj
    to = (typed.get("to") or _DEFAULT).strip()
    path = None if to == _STDOUT else Path(to)
    if path is not None:
        refuse_existing(path)
    said = settings.resolve(typed, invocation.environ, _OPTIONS, here=False)
    voice = invocation.voice
    voice.settle(said)
    run = request.run_request(NAME, [typed["source"]], said)
    asker = _Person(voice) if _asks(voice, said, typed["source"]) else Nobody()
    found = init(InitRequest(run=run, path=path), asker)
    if voice.json_summary:
        write_line(sys.stdout, json.dumps(_as_json(found), ensure_ascii=False))
        return 0
    if path is None:
        write_line(sys.stdout, found.text.removesuffix("\n"))
    if not voice.quiet:
        _tell(voice, found, typed["source"])
    return 0


def _asks(voice: Voice, said: Settings, source: str) -> bool:
    if said.get("yes", False) or voice.json_summary or voice.quiet or source == _STDOUT:
        return False
    return voice.at_terminal and sys.stdin.isatty()


def _as_json(found: Initialised) -> dict[str, Any]:
    draft = found.draft
    return {
        "command": NAME,
        "exit_code": 0,
        "source": draft.source,
        "format": found.format,
        "notes": list(found.notes),
        "rows_read": draft.rows,
        "export": draft.export,
        "assumptions": list(draft.assumptions),
        "mapping": [
            {
                "field": one.entry.field.path,
                "columns": list(one.entry.columns),
                "why": one.why,
                "confidence": one.confidence,
                "share_read": None if one.share is None else round(one.share, 4),
            }
            for one in draft.filled
        ],
        "to_complete": [
            {"name": one.name, "why": one.why, "lines": list(one.lines)} for one in draft.incomplete
        ],
        "unused": list(draft.unused),
        "path": None if found.path is None else str(found.path),
        "text": found.text,
    }


def _tell(voice: Voice, found: Initialised, source: str) -> None:
    """Tell the person what was found, what is left to complete, and what to type next."""
    draft = found.draft
    console = voice.console(stderr=True)
    known = f"recognised: {draft.export}" if draft.export else "not a known export; columns by name and cells"
    console.print(Text(f"{draft.source}: {found.format}, {known}", style="bold"), soft_wrap=True)
    if found.other_sources:
        console.print(Text(f"  Looked at the first of {found.other_sources + 1} files."))
    for assumption in draft.assumptions:
        console.print(Text(f"  {assumption}", style="yellow"), soft_wrap=True)
    names = ", ".join(one.entry.field.name for one in draft.filled) or "none"
    console.print(Text(f"  {len(draft.filled)} fields are filled: {names}"), soft_wrap=True)
    for sentence in draft.possible:
        console.print(Text(f"  Perhaps {sentence}", style="dim"), soft_wrap=True)
    for one in draft.open:
        mark = "To complete" if one.required else "Worth a look"
        style = "yellow" if one.required else "dim"
        line = _line_of(found.text, one.lines[0])
        console.print(Text(f"  {mark}, line {line}: {one.name}. {one.why}", style=style), soft_wrap=True)
    if found.path is None:
        return
    console.print(Text(f"Wrote {found.path}."), soft_wrap=True)
    config = "" if str(found.path) == _DEFAULT else f" --config {found.path}"
    first = f"Complete {found.path}, then" if draft.incomplete else "Next:"
    console.print(Text(f"{first} capi validate {source}{config}"), soft_wrap=True)


def _line_of(text: str, line: str) -> int:
    return next((at for at, one in enumerate(text.splitlines(), 1) if one == f"# {line}"), 1)
