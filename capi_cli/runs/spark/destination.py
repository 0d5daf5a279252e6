"""Where a run on Spark sends to, and where it keeps its tables."""

import re
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from pyspark.sql import SparkSession

from capi_cli.errors import ConfigurationError
from capi_cli.runs.clock import SystemClock
from capi_cli.runs.destination import SANDBOX_TOKEN, graph_settings, open_sandbox
from capi_cli.runs.journal import SANDBOX_DATASET, graph_host
from capi_cli.runs.request import RunRequest
from capi_cli.runs.spark.request import SparkRequest
from capi_cli.runs.spark.secrets import TokenPlace
from capi_cli.runs.spark.sending import Sending
from capi_cli.runs.spark.session import check_token, is_local

_STAND_IN: Final = (
    "found-by-each-executor"  # in the settings that travel; executors put the token in its place
)
_PATTERN: Final = re.compile(r"[*?\[\]{}]")
_MOST_ASKED: Final = 32  # executors that are asked for the token


def place_of(request: RunRequest, store: str) -> str:
    """Return where in the store a dataset has its tables: one folder for each Graph host and dataset.

    Raises:
        ConfigurationError: It holds what Spark reads as a pattern.
    """
    if _PATTERN.search(store):
        raise ConfigurationError(
            f"The store {store} holds one of * ? [ ] {{ }}, which Spark reads as a pattern.",
            "Name another --store.",
        )
    host, dataset = graph_host(request.graph_url), request.dataset_id or "none"
    if request.sandbox:
        host, dataset = "sandbox", SANDBOX_DATASET
    return "/".join((store.rstrip("/"), host, dataset))


def open_sending(
    spark: SparkSession,
    request: RunRequest,
    asked: SparkRequest,
    run_id: str,
    clock: SystemClock,
    slots: int,
    stack: ExitStack,
) -> Sending:
    """Return what a task does, once the executors have shown that they know the token.

    Args:
        spark: The session.
        request: Where to and how.
        asked: Where executors find the token.
        run_id: The run.
        clock: The run's.
        slots: How many tasks run at once.
        stack: Closes the sandbox, where one was started.

    Raises:
        ConfigurationError: The sandbox, and executors that are elsewhere; or an address that can't be used.
        CredentialsError: An executor without a token.
    """
    place = asked.token
    url, dataset = request.graph_url, request.dataset_id
    if request.sandbox:
        if not is_local(spark):
            raise ConfigurationError(
                "The sandbox listens on this machine alone, and the executors are elsewhere.",
                "Use it with a local Spark (--master local[2]), or leave out --sandbox.",
            )
        url, dataset = stack.enter_context(open_sandbox(clock)), SANDBOX_DATASET
        place = TokenPlace(sandbox=SANDBOX_TOKEN)
    settings = replace(graph_settings(request, url, dataset, _STAND_IN), app_secret=None)
    check_token(spark, place, min(slots, _MOST_ASKED))
    return Sending(
        settings=settings,
        place=place,
        run_id=run_id,
        wave=0,
        batch_size=request.batch_size,
        threads=1,
        retry_for_s=request.retry_for_s,
        clock=clock,
        test=request.sandbox or request.test_event_code is not None,
    )
