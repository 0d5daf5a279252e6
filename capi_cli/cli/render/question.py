"""The one question: send by this guessed mapping, to this dataset?"""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capi_cli.cli.signals import Interrupted, Signals
from capi_cli.cli.voice import Voice
from capi_cli.numbers import count
from capi_cli.runs.progress import Confirmation

if TYPE_CHECKING:
    from rich.console import Console  # 25 ms that a run without a question does without


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Asks once, where a person sits at the terminal and `--yes` was not said."""

    voice: Voice
    signals: Signals
    yes: bool

    def ask(self, facts: Confirmation) -> bool:
        """Return whether to send; True where nobody is there to ask."""
        if self.yes or not (self.voice.at_terminal and sys.stdin.isatty()):
            return True
        console = self.voice.console(stderr=True)
        _show(console, facts)
        try:
            with self.signals.at_once():
                console.print("Send? [y/N] ", end="", markup=False)
                answer = sys.stdin.readline()
        except Interrupted:
            console.print()
            return False  # the signal is remembered, and becomes the exit code
        return answer.strip().lower() in ("y", "yes")


def _show(console: "Console", facts: Confirmation) -> None:
    from rich.text import Text

    console.print()
    console.print(Text("The mapping was guessed from the header. First events, masked:", style="bold"))
    for event in facts.events:
        console.print(Text(f"  {event}"), soft_wrap=True)
    sums = ", ".join(f"{total:,.2f} {currency}" for currency, total in facts.sums) or "no values"
    console.print(f"Sum over the first {count(facts.rows_judged)} rows: {sums}", markup=False)
    console.print(f"To dataset {facts.dataset_id}", markup=False)
