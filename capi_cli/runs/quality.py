"""`capi quality`: what Meta says of the events it has, website and offline. Sends none."""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Protocol

from capi_cli.delivery.quality import OfflineQuality, WebQuality, read_offline, read_web
from capi_cli.errors import CapiError, ConfigurationError, DeliveryError
from capi_cli.event import limits
from capi_cli.sinks.quality import QualityReader
from capi_cli.sinks.settings import GraphSettings, app_secret_of

PARTS: Final = ("web", "offline")


class ReadsQuality(Protocol):
    """Asks for one part of a dataset's quality."""

    def read(self, part: str) -> dict[str, object]:
        """Return the answer of Graph; raise a CapiError where there is none."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRequest:
    """Which dataset is asked about, and where."""

    dataset_id: str
    graph_url: str = limits.DEFAULT_GRAPH_URL
    api_version: str = limits.DEFAULT_API_VERSION
    timeout_s: float = 60.0
    token_in_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A part that Meta did not answer for."""

    part: str
    error: CapiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What Meta says.

    Attributes:
        problems: Parts that could not be read, while the other could.
        exit_code: 4 where a part may be had by asking again; 0 where Meta refuses it, as it refuses the beta of
            offline quality to most.
    """

    dataset_id: str
    web: tuple[WebQuality, ...]
    offline: tuple[OfflineQuality, ...]
    problems: tuple[Problem, ...]
    exit_code: int


def ask_quality(
    asked: QualityRequest, token: str, *, reader: Callable[[GraphSettings], ReadsQuality] = QualityReader
) -> Quality:
    """Ask for both parts, once each.

    Raises:
        CapiError: No part could be read; the reason of the first.
    """
    settings = GraphSettings(
        graph_url=asked.graph_url,
        api_version=asked.api_version,
        dataset_id=asked.dataset_id,
        token=token,
        token_in_body=asked.token_in_body,
        app_secret=app_secret_of(os.environ),
        timeout_s=asked.timeout_s,
    )
    found: dict[str, dict[str, object]] = {}
    problems: list[Problem] = []
    with closing(reader(settings)) as opened:
        for part in PARTS:
            try:
                found[part] = opened.read(part)
            except (ConfigurationError, DeliveryError) as error:
                problems.append(Problem(part=part, error=error))
    if not found:
        raise problems[0].error
    return Quality(
        dataset_id=asked.dataset_id,
        web=read_web(found.get("web")),
        offline=read_offline(found.get("offline")),
        problems=tuple(problems),
        exit_code=max((4 for one in problems if isinstance(one.error, DeliveryError)), default=0),
    )
