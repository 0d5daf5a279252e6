"""Read from Graph: a question goes in a form with `method=GET`, since a token never stands in a URL.

Source: Meta, "Graph API overview", for the method.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from capi_cli.delivery.decide import CREDENTIALS, Again, Split, Stop, decide
from capi_cli.delivery.reply import Fault, Parsed, Reply, parse_reply
from capi_cli.errors import CapiError, ConfigurationError, CredentialsError, DeliveryError
from capi_cli.sinks.graph import Graph, authorization, secrets_in_body
from capi_cli.sinks.settings import GraphSettings

_NO_DATASET: Final = 2044055  # a code, or the subcode of 100


def ask(graph: Graph, settings: GraphSettings, path: str, params: Mapping[str, str]) -> Reply | Fault:
    """Make one request, and return what came."""
    form = {"method": "GET", **params} | secrets_in_body(settings)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | authorization(settings)
    return graph.exchange("POST", f"{settings.root}/{path}", urlencode(form).encode(), headers)


def read_document(reply: Reply | Fault) -> dict[str, object]:
    """Return the JSON object of an answer.

    Raises:
        CredentialsError: The token, a permission or the dataset.
        ConfigurationError: The version, the address, or a field that Meta does not know.
        DeliveryError: The network, or a passing fault at Meta.
    """
    answer = reply if isinstance(reply, Fault) else parse_reply(reply, now=datetime.now(UTC))
    if (problem := _problem(answer)) is not None:
        raise problem
    assert isinstance(reply, Reply)
    found: dict[str, object] = json.loads(reply.body)  # `parse_reply` read it as an object
    return found


def _problem(answer: Parsed | Fault) -> CapiError | None:
    said = answer.error if isinstance(answer, Parsed) else None
    if said is not None and _NO_DATASET in (said.code, said.subcode):
        what, hint = CREDENTIALS[_NO_DATASET]
        return CredentialsError(f"Meta refused the request: {what}.", hint)
    if isinstance(answer, Parsed) and answer.is_json and said is None and answer.status == 200:
        return None
    match decide(answer, sent=0):
        case Stop(error=error):
            return error
        case Again(reason=reason):
            return DeliveryError(f"Meta can't be asked now: {reason}.", "Run the same command again later.")
        case Split(code=code, reason=reason):
            return ConfigurationError(
                f"Meta refused the question ({code}: {reason.rstrip('.')}).",
                "Leave --api-version out; what one version knows, another may not.",
            )
        case _:
            return DeliveryError(
                "Meta gave an answer that can't be read.", "Run the same command again later."
            )
