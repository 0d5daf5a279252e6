"""What stops a batch or a run, sorted by what the person should do about it.

A bad row is a finding, never an exception. Each class carries the exit code of the contract. `message` says
what happened and where, `hint` the exact flag or edit that mends it; neither holds a match key or a token.
"""

from capi_cli.private import without_tokens


class CapiError(Exception):
    """Something stops the run; the class says who has to act."""

    exit_code = 1
    code = "bug"

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = without_tokens(message)
        self.hint = without_tokens(hint)
        super().__init__(self.message)


class UsageError(CapiError):
    """A value on the command line does not parse: fix the command."""

    exit_code = 2
    code = "usage"


class DeliveryError(CapiError):
    """Meta can't be reached, or asks for a long wait: run the same command again."""

    exit_code = 4
    code = "delivery"


class TooManyBadRowsError(CapiError):
    """More bad rows than `--max-error-rate`: look at the file."""

    exit_code = 5
    code = "too-many-bad-rows"


class ConfigurationError(CapiError):
    """Unknown field, column or key, or a contradiction: fix the mapping or the configuration."""

    exit_code = 10
    code = "configuration"


class SourceError(CapiError):
    """The source is missing, unreadable or not what its name says."""

    exit_code = 11
    code = "source"


class EncodingError(SourceError):
    """The text is in another encoding than expected, so none of its rows can be trusted."""


class CredentialsError(CapiError):
    """The token is missing or refused, or lacks a permission: a person is needed."""

    exit_code = 12
    code = "credentials"


class LedgerError(CapiError):
    """The ledger is locked, damaged or not writable; nothing is sent that could not be recorded."""

    exit_code = 13
    code = "ledger"
