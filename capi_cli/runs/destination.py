"""Where a run's batches go: Meta's Graph, the bundled sandbox, or nowhere (a dry run)."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt
from capi_cli.errors import CapiError, ConfigurationError, CredentialsError
from capi_cli.ledger.fates import Ledger
from capi_cli.runs.clock import Clock, SystemClock
from capi_cli.runs.journal import SANDBOX_DATASET
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.request import RunRequest
from capi_cli.sinks.gate import Traffic

if TYPE_CHECKING:
    from capi_cli.sinks.settings import GraphSettings

SANDBOX_TOKEN = "sandbox"
REFRESH_S = 0.1
Take = Callable[[Sequence[Receipt]], None]


class Destination(Protocol):
    """Takes batches one after the other."""

    @property
    def error(self) -> CapiError | None:
        """What stopped the run, if anything did."""
        ...

    def submit(self, batch: Batch) -> bool:
        """Take a batch, waiting while enough are in flight; False once the run stops."""
        ...

    def drain(self) -> bool:
        """Wait until every batch that was taken has its receipts."""
        ...


class Nowhere:
    """A dry run's destination: nothing is sent, and the books call the events unsent."""

    error: CapiError | None = None

    def submit(self, batch: Batch) -> bool:
        """Let the batch go."""
        return True

    def drain(self) -> bool:
        """Do nothing."""
        return True


@contextmanager
def open_destination(
    request: RunRequest,
    token: str | None,
    *,
    stop: threading.Event,
    take: Take,
    ledger: Ledger,
    progress: Progress,
    observer: Observer,
    clock: Clock,
) -> Iterator[Destination]:
    """Open where the batches go, and close it at the end.

    Args:
        request: Where and how.
        token: Meta's; None for the sandbox and for dry runs.
        stop: Set when no further POST may begin.
        take: Told the receipts of each batch, from a sender's thread.
        ledger: Records each part before its POST and after it.
        progress: Kept up to date while requests are made.
        observer: Told of waits.
        clock: The run's.
    """
    if request.dry_run:
        yield Nowhere()
        return
    from capi_cli.sinks.pool import Delivery
    from capi_cli.sinks.stack import open_stack

    url, dataset = request.graph_url, request.dataset_id
    with ExitStack() as stack:
        if request.sandbox:
            url, dataset, token = stack.enter_context(open_sandbox(clock)), SANDBOX_DATASET, SANDBOX_TOKEN
        sending = open_stack(
            graph_settings(request, url, dataset, token),
            concurrency=request.concurrency,
            stop=stop,
            now=clock.now,
            retry_for_s=request.retry_for_s,
            journal=ledger,
            on_wait=lambda wait: observer.note(
                "info",
                f"Waiting {wait.seconds:.0f} s: {wait.reason}",
                batch=wait.batch.number,
                attempt=wait.attempt,
            ),
        )
        stack.callback(sending.sink.close)
        delivery = Delivery(sending.sink, concurrency=request.concurrency, stop=stop, on_receipts=take)
        stack.callback(delivery.close)
        with _refreshing(lambda: _copy_traffic(sending.gate.traffic(), progress)):
            yield delivery


def graph_settings(request: RunRequest, url: str, dataset: str | None, token: str | None) -> "GraphSettings":
    """Return where and as whom batches are posted."""
    from capi_cli.sinks.settings import GraphSettings, app_secret_of

    if dataset is None:
        raise ConfigurationError("No dataset is named.", "Add --dataset-id ID, or set META_DATASET_ID.")
    if token is None:
        raise CredentialsError("There is no access token.", "Set META_ACCESS_TOKEN, or --token-file PATH.")
    return GraphSettings(
        graph_url=url,
        api_version=request.api_version,
        dataset_id=dataset,
        token=token,
        token_in_body=request.token_in_body,
        test_event_code=request.test_event_code,
        app_secret=app_secret_of(os.environ),
        gzip=request.gzip,
        timeout_s=request.timeout_s,
        connections=request.concurrency,
    )


@contextmanager
def open_sandbox(clock: Clock) -> Iterator[str]:
    """Start a sandbox on a free port of the loopback, and return its address.

    Where the environment has an app's secret, the sandbox asks for its proof.
    """
    from capi_cli.sandbox.process import start_process
    from capi_cli.sinks.settings import app_secret_of

    now_s = clock.now() if isinstance(clock, SystemClock) and clock.fixed is not None else None
    secret = app_secret_of(os.environ)
    with start_process(
        dataset_id=SANDBOX_DATASET, token=SANDBOX_TOKEN, app_secret=secret, now_s=now_s
    ) as process:
        yield process.url


@contextmanager
def _refreshing(refresh: Callable[[], None]) -> Iterator[None]:
    """Call `refresh` several times a second, and once at the end."""
    done = threading.Event()

    def keep_on() -> None:
        while not done.wait(REFRESH_S):
            refresh()

    thread = threading.Thread(target=keep_on, name="capi-traffic", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        refresh()


def _copy_traffic(traffic: Traffic, progress: Progress) -> None:
    progress.requests = traffic.requests
    progress.retries = traffic.retries
    progress.in_flight = traffic.in_flight
    progress.allowed_in_flight = traffic.allowed
    progress.waiting_for = traffic.waiting_for
    progress.retry_at = traffic.retry_at
