"""The preflight and the watch after it: nothing is sent before the first 10,000 rows were judged.

Above `--max-error-rate` the run stops with nothing sent; later the same rate is watched over the whole run.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

from capi_cli.delivery.batch import Batch
from capi_cli.errors import ConfigurationError, TooManyBadRowsError
from capi_cli.event.rules import is_error, rule
from capi_cli.event.rules.mending import LAYOUTS
from capi_cli.runs.account import Account
from capi_cli.runs.opening import Opened
from capi_cli.runs.progress import Confirmation, Observer
from capi_cli.runs.request import RunRequest

PREFLIGHT_ROWS: Final = 10_000
MAX_KEYLESS_RATE: Final = 0.35  # the limit of Meta's own archived uploader
SHOWN_EVENTS: Final = 3
_DIGEST = re.compile(r"\b([0-9a-f]{6})[0-9a-f]{58}\b")

# Findings that one option mends for every row: a file in which every row has one of them is not a bad file.
MENDABLE: Final = frozenset(
    {
        "time-zone-missing",
        "time-format-unknown",
        "time-day-or-month",
        "time-excel-serial",
        "time-zone-name",
        "time-format-differs",
        "number-comma",
        "number-decimal-contradicts",
        "event-name-missing",
        "event-time-missing",
        "action-source-missing",
        "action-source-unknown",
        "currency-unknown",
        "purchase-without-currency",
        "value-without-currency",
        "website-without-url",
        "messaging-without-channel",
    }
)
# Likewise where nothing fills the field; where a column does, its cells are empty, which no option mends.
MENDABLE_WHERE_UNFILLED: Final = {"purchase-without-value": "custom_data.value"}


class DeclinedError(ConfigurationError):
    """The person at the terminal said no."""

    code = "declined"


class Gate:
    """Holds the batches of the preflight back, then lets every batch through while the rows are good enough."""

    def __init__(
        self,
        request: RunRequest,
        sources: Sequence[Opened],
        account: Account,
        observer: Observer,
        send: Callable[[Batch], object],
    ) -> None:
        self._request = request
        self._sources = sources
        self._account = account
        self._observer = observer
        self._send = send
        self._held: list[Batch] = []
        self.open = False

    def offer(self, batches: Sequence[Batch]) -> None:
        """Take batches, and look whether the preflight is over."""
        if not self.open and self._account.progress.rows_read < PREFLIGHT_ROWS:
            self._held.extend(batches)
            return
        self._let_through(batches)

    def finish(self) -> None:
        """Judge a file that ended within the preflight."""
        if not self.open:
            self._let_through([])

    def _let_through(self, batches: Sequence[Batch]) -> None:
        self._judge()
        if not self.open:
            self._ask([*self._held, *batches])
            self.open = True
        held, self._held = self._held, []
        for batch in (*held, *batches):
            self._send(batch)

    def _judge(self) -> None:
        if not self.open:
            check_mendable(self._account, self._sources)
        consequence = "the run stopped" if self.open else "nothing was sent"
        check_rates(self._account, self._request.max_error_rate, consequence)

    def _ask(self, batches: Sequence[Batch]) -> None:
        if not any(source.mapping.guessed for source in self._sources):
            return
        events: list[str] = []
        for batch in batches:
            for place in range(min(SHOWN_EVENTS - len(events), len(batch))):
                events.append(masked_event(batch.event(place)))
        if not events:
            return
        question = Confirmation(
            events=tuple(events),
            sums=tuple(sorted(self._account.sums.items())),
            rows_judged=self._account.progress.rows_read,
            dataset_id=self._request.dataset_id or "sandbox",
        )
        if not self._observer.confirm(question):
            raise DeclinedError(
                "Nothing was sent, as you answered.",
                "Correct the mapping with --map and --set, or `capi init`.",
            )


class MendableError(ConfigurationError):
    """Every row fails by one finding that an option would mend; there is no rejects file."""

    code = "every-row"


def check_rates(account: Account, limit: float, consequence: str) -> None:
    """Raise where more rows are bad than are allowed."""
    rate = account.error_rate()
    if rate > limit:
        raise TooManyBadRowsError(
            f"{rate:.0%} of the rows are bad ({account.counted_rejects:,} of {account.judged():,}); more than "
            f"{limit:.0%} are not accepted, so {consequence}.",
            "Look at the findings and the rejects file." + _all_the_same(rate),
        )
    keyless = account.keyless_rate()
    if limit < 1 and keyless > MAX_KEYLESS_RATE:
        raise TooManyBadRowsError(
            f"{keyless:.0%} of the rows have no match key at all, so Meta could match nobody; with more than "
            f"{MAX_KEYLESS_RATE:.0%} of them, {consequence}.",
            "Check the mapping: is the column with e-mail addresses or phones mapped? "
            "--max-error-rate 1 sends the rest all the same.",
        )


def _all_the_same(rate: float) -> str:
    if rate >= 1:  # there is no rest
        return ""
    enough = min(1.0, round(rate + 0.05, 2))
    return f" If the rest should go all the same, add --max-error-rate {enough:g}."


def check_mendable(account: Account, sources: Sequence[Opened]) -> None:
    """Raise where every row fails by one finding that an option would mend."""
    if (
        not account.judged()
        or account.first_codes.total() != account.judged()
        or len(account.first_codes) > 1
    ):
        return
    (code,) = account.first_codes
    field = MENDABLE_WHERE_UNFILLED.get(code)
    unfilled = field is not None and all(source.mapping.entry(field) is None for source in sources)
    if code in MENDABLE or unfilled:
        rows = "The only row fails" if account.judged() == 1 else f"All {account.judged():,} rows fail alike"
        layout, others = _layout_hint(code, account, sources), _further_mends(code, account)
        # Lines that are to be copied stand last, in one piece.
        hint = [*others, layout] if layout else [rule(code).fix, *others]
        raise MendableError(f"{rows}: {account.first_reasons[code]}", "\n".join(hint))


def _further_mends(first: str, account: Account) -> list[str]:
    """Return what else every row needs, so that one mend does not only uncover the next error."""
    return [
        f"Also for {field.rpartition('.')[2]}: {rule(code).fix}"
        for (code, field), found in account.tally.findings.items()
        if code != first and is_error(code) and found.count == account.judged()
    ]


def _layout_hint(code: str, account: Account, sources: Sequence[Opened]) -> str:
    """Return the lines of capi.toml that name the layout of the times; empty where that is not the question."""
    found = account.tally.findings.get((code, "event_time"))
    mapping = sources[0].mapping if sources else None
    entry = mapping.entry("event_time") if mapping is not None else None
    if mapping is None or entry is None or not entry.columns or found is None or code not in LAYOUTS:
        return ""
    layouts = found.detail.split(" or ")
    zone = entry.timezone or mapping.timezone or "Europe/Berlin"
    several = len(entry.columns) > 1
    names = json.dumps(entry.columns if several else entry.columns[0], ensure_ascii=False)
    key = "columns" if several else "column"
    filled = f'event_time = {{ {key} = {names}, format = "{layouts[0]}", timezone = "{zone}" }}'
    lines = [
        "Write these two lines into capi.toml, with the zone of your shop, and leave out --map event_time:",
        "  [event]",
        f"  {filled}",
        *[f'or with format = "{layout}", whichever is true of this file' for layout in layouts[1:]],
    ]
    return "\n".join(lines)


def masked_event(event: bytes) -> str:
    """Return an event's JSON with its digests shortened."""
    return _DIGEST.sub(r"\1…", event.decode())
