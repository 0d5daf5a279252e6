"""Ask the Dataset Quality API about one part of a dataset: `web` or `offline`."""

import httpx

from capi_cli.delivery.quality import FIELDS
from capi_cli.errors import CredentialsError
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.reading import ask, read_document
from capi_cli.sinks.settings import PARTNER_AGENT, GraphSettings

_RIGHTS = (
    "The Dataset Quality API wants more than sending does: a token with ads_read and ads_management (or "
    "business_management), of a system user with the right 'Use events dataset'. A token made under Settings → "
    "Conversions API may lack them."
)


class QualityReader:
    """Asks over one connection."""

    def __init__(self, settings: GraphSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._graph = Graph(settings, transport=transport)

    def read(self, part: str) -> dict[str, object]:
        """Return Graph's answer about `web` or `offline`.

        Raises:
            CapiError: As `read_document`; where a permission is missing, the hint says what this API wants.
        """
        params = {
            "dataset_id": self._settings.dataset_id,
            "agent_name": PARTNER_AGENT.partition("/")[0],
            "fields": FIELDS[part],
        }
        try:
            return read_document(ask(self._graph, self._settings, "dataset_quality", params))
        except CredentialsError as error:
            raise CredentialsError(error.message, f"{error.hint} {_RIGHTS}") from None

    def close(self) -> None:
        """Close the connection."""
        self._graph.close()
