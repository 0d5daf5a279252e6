"""`capi doctor`: what works, what does not, and how to mend it. Creates no event at Meta.

Each check stands for itself, so that one fault does not hide another. A failed check carries the exit code that an
upload would end with; the gravest of them is the doctor's.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, assert_never
from urllib.parse import urlsplit

from capi_cli.delivery.decide import Accepted, Again, Split, Stop, Unknown
from capi_cli.errors import CapiError, ConfigurationError, CredentialsError, DeliveryError
from capi_cli.event import limits
from capi_cli.numbers import counted
from capi_cli.runs.check import Check, State, failed
from capi_cli.runs.state import usual_state_folder
from capi_cli.runs.surroundings import look_at_ledgers, look_at_network, look_at_state_folder
from capi_cli.sinks.probe import Probe, TokenFacts, probe
from capi_cli.sinks.settings import GraphSettings, app_secret_of

_GRAVEST_FIRST: Final = (13, 12, 10, 4, 0)  # the contract's "where several apply"
_EXPIRES_SOON: Final = timedelta(days=14)
_SKEW_S: Final = 10.0  # beyond this it is no longer the network's
_NOT_ASKED: Final = "Not known, because of what failed."
_NEW_TOKEN: Final = (
    "Make a new one: Events Manager, your dataset, Settings, Conversions API, Generate access token."
)
_DATASET_CODES: Final = ("meta-100-33", "meta-100-34", "meta-803-", "meta-2044055-")
_KEEP_TIME: Final = (
    "Let the system keep its clock: `timedatectl set-ntp true`, or chrony; of a container or virtual machine, the "
    "host's clock."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorRequest:
    """What is looked at."""

    dataset_id: str | None = None
    graph_url: str = limits.DEFAULT_GRAPH_URL
    api_version: str = limits.DEFAULT_API_VERSION
    state_dir: Path | None = None
    timeout_s: float = 20.0
    token_in_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The token, or why there is none; `warning` where it is kept carelessly."""

    text: str | None = None
    problem: CapiError | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All checks, and the exit code of the gravest."""

    checks: tuple[Check, ...]
    exit_code: int


def examine(
    asked: DoctorRequest,
    token: Token,
    *,
    ask: Callable[[GraphSettings], Probe] = probe,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Diagnosis:
    """Look at everything, once each. `ask` makes the requests to Meta."""
    folder = asked.state_dir or usual_state_folder()
    checks = [
        look_at_network(asked.graph_url, os.environ),
        *_ask_meta(asked, token, ask, now()),
        look_at_state_folder(folder),
        *look_at_ledgers(folder),
    ]
    codes = [check.exit_code for check in checks]
    return Diagnosis(checks=tuple(checks), exit_code=min([*codes, 0], key=_GRAVEST_FIRST.index))


def _ask_meta(
    asked: DoctorRequest, token: Token, ask: Callable[[GraphSettings], Probe], now: datetime
) -> list[Check]:
    """Return the checks that need an answer; without token or dataset those that need none."""
    kept = [] if token.warning is None else [_warning("token", token.warning)]
    missing = []
    if token.text is None:
        missing.append(
            failed("token", token.problem or CredentialsError("There is no access token.", _NEW_TOKEN))
        )
    if asked.dataset_id is None:
        hint = "Say --dataset-id ID, set META_DATASET_ID, or write dataset_id in capi.toml."
        missing.append(failed("dataset", ConfigurationError("No dataset is named.", hint)))
    if missing or token.text is None or asked.dataset_id is None:
        return [*missing, *kept, _skipped("meta"), _version_age(asked.api_version, now.date())]
    try:
        settings = GraphSettings(
            graph_url=asked.graph_url,
            api_version=asked.api_version,
            dataset_id=asked.dataset_id,
            token=token.text,
            token_in_body=asked.token_in_body,
            app_secret=app_secret_of(os.environ),
            timeout_s=asked.timeout_s,
        )
        found = ask(settings)
    except CapiError as error:
        where = "token" if isinstance(error, CredentialsError) else "meta"
        return [failed(where, error), *kept, _version_age(asked.api_version, now.date())]
    return [*_answered(asked, found, now), *kept, _clock(found.clock_ahead_s)]


def _answered(asked: DoctorRequest, found: Probe, now: datetime) -> list[Check]:
    """Return what an answer, or its absence, says of Meta, token, dataset and version."""
    host = urlsplit(asked.graph_url).netloc
    meta = _ok("meta", f"{host} answered in {found.latency_s * 1000:.0f} ms.")
    token = _token(found.token, now)
    dataset = _ok("dataset", f"{asked.dataset_id} takes events by this token.")
    version = _version_age(asked.api_version, now.date())
    match found.decision:
        case Stop(error=error, code=code):
            where = _where(error, code)
            token = failed("token", error) if where == "token" else token
            dataset = failed("dataset", error) if where == "dataset" else _skipped("dataset")
            version = failed("api_version", error) if where == "api_version" else version
            meta = failed("meta", error) if where == "meta" else meta
        case Again(reason=reason):
            hint = (
                "Try again in a few minutes; where it stays so, check the network, the proxy and --graph-url."
            )
            meta = failed("meta", DeliveryError(f"{host} can't be used now: {reason}.", hint))
            dataset = _skipped("dataset")
        case Split(code=code, reason=reason) if not found.is_fine:
            text = (
                f"Token and dataset were let through, then Meta refused the probe's event ({code}: {reason})."
            )
            dataset = _warning("dataset", text, "`capi upload` of a file with one row says more.")
        case Unknown(reason=reason):
            dataset = _warning(
                "dataset", f"Meta gave an answer that says nothing: {reason}.", "Try again later."
            )
        case Accepted() | Split():
            pass
        case other:
            assert_never(other)
    if token.state is State.SKIPPED and found.is_fine:
        token = _ok("token", "Meta lets it through, and says no more of it.")
    return [meta, token, dataset, version]


def _where(error: CapiError, code: str) -> str:
    """Return the check that a refusal belongs to."""
    if isinstance(error, CredentialsError):
        return "dataset" if code.startswith(_DATASET_CODES) else "token"
    return "api_version" if code.startswith("meta-2635") else "meta"


def _token(facts: TokenFacts | None, now: datetime) -> Check:
    if facts is None:
        return _skipped("token")
    if not facts.is_valid:
        return failed("token", CredentialsError("Meta says that the token is not valid.", _NEW_TOKEN))
    kind = f"{facts.kind.lower().replace('_', ' ')} token".strip()
    text = f"Valid: a {kind}" + (f" of {facts.application}" if facts.application else "")
    text += f", for {', '.join(facts.scopes)}" if facts.scopes else ""
    if facts.expires_at is None:
        return _ok("token", f"{text}; it does not expire.")
    text += f"; it expires on {facts.expires_at:%Y-%m-%d}."
    return (
        _warning("token", text, _NEW_TOKEN) if facts.expires_at - now < _EXPIRES_SOON else _ok("token", text)
    )


def _version_age(version: str, today: date) -> Check:
    """Return how old the version is, by the dates that this capi knows."""
    newest = max(limits.API_VERSION_CAME, key=_major)
    use_newest = f"Leave --api-version (META_API_VERSION) out, or set it to {newest}."
    came = limits.API_VERSION_CAME.get(version)
    if came is None:
        if _major(version) > _major(newest):
            return _ok("api_version", f"{version} is newer than any that this capi knows ({newest}).")
        return _warning("api_version", f"{version} is older than any that this capi knows.", use_newest)
    months = (today - date.fromisoformat(came)).days // 30
    text = f"{version} came on {came}, {counted(months, 'month')} ago"
    ended = limits.API_VERSION_ENDED.get(version)
    if ended is not None and date.fromisoformat(ended) <= today:
        return _warning("api_version", f"{text}, and ended on {ended} for the Marketing API.", use_newest)
    return _ok(
        "api_version", f"{text}{'; the newest known' if version == newest else f'; {newest} is newer'}."
    )


def _major(version: str) -> int:
    return int(version.removeprefix("v").partition(".")[0])


def _clock(ahead_s: float | None) -> Check:
    if ahead_s is None:
        return Check(name="clock", state=State.SKIPPED, found="The server named no time.")
    off_s, side = abs(ahead_s), "ahead of" if ahead_s > 0 else "behind"
    if off_s < _SKEW_S:
        return _ok("clock", f"Within {max(1.0, off_s):.0f} s of the server's.")
    text = f"This machine is {off_s:.0f} s {side} the server."
    if off_s <= limits.MAX_FUTURE_S:
        return _warning("clock", text, _KEEP_TIME)
    return failed("clock", ConfigurationError(f"{text} Ages of events are judged wrongly.", _KEEP_TIME))


def _ok(name: str, found: str) -> Check:
    return Check(name=name, state=State.OK, found=found)


def _warning(name: str, found: str, mend: str = "") -> Check:
    return Check(name=name, state=State.WARNING, found=found, mend=mend)


def _skipped(name: str) -> Check:
    return Check(name=name, state=State.SKIPPED, found=_NOT_ASKED)
