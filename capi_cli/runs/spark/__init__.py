"""Uploads on Spark. The one room that knows pyspark; nothing in this file does, so that it can tell of its absence."""

from importlib.util import find_spec

from capi_cli.errors import ConfigurationError
from capi_cli.runs.no_pandas import allow_pandas

_INSTALL = (
    "pip install 'capi-cli[spark]' brings both; on a cluster, install capi-cli beside the pyspark there."
)


def require_pyspark() -> None:
    """Make pyspark ready to be imported.

    Raises:
        ConfigurationError: It is not installed, or pandas is not, which its `mapInArrow` wants.
    """
    allow_pandas()
    for name in ("pyspark", "pandas"):
        if find_spec(name) is None:
            raise ConfigurationError(f"--engine spark needs {name}, which is not installed here.", _INSTALL)
