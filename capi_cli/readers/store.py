"""Object stores at s3:// and gs://: what an URL names there, and what a store's errors mean.

Credentials are found as the store's own tools find them (variables, files, the machine's role); nothing of them, and
nothing of a store's own words, ever stands in a message. Arrow's file systems are imported when an URL is used.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from capi_cli.errors import CapiError, CredentialsError, SourceError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

Answer = TypeVar("Answer")
SCHEMES: Final = ("s3", "gs")
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_CONNECT_S, _REQUEST_S, _ATTEMPTS = 10, 60, 5
_AWS_ERROR: Final = re.compile(r"AWS Error (?P<code>[A-Z0-9_]+)(?: \(HTTP status (?P<status>\d+)\))?")
_REGIONS: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_REFUSED: Final = frozenset(
    """ACCESS_DENIED INVALID_ACCESS_KEY_ID SIGNATURE_DOES_NOT_MATCH INVALID_CLIENT_TOKEN_ID INVALID_SIGNATURE
    MISSING_AUTHENTICATION_TOKEN UNRECOGNIZED_CLIENT REQUEST_EXPIRED EXPIRED_TOKEN NOT_INITIALIZED
    PERMISSION_DENIED UNAUTHENTICATED""".split()
)
_MISSING: Final = frozenset({"NO_SUCH_BUCKET", "NO_SUCH_KEY", "RESOURCE_NOT_FOUND", "NOT_FOUND"})
_NO_TOKEN: Final = (
    "OAuth2 access token"  # how Google's library says that it found no credentials, or none that work
)
_REFUSED_STATUS: Final = frozenset({"400", "401", "403"})  # S3 tells an expired token of a session by 400
_WHO: Final = {
    "s3": "Credentials are found as the AWS command line finds them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "AWS_PROFILE, ~/.aws, or the machine's role; `aws sts get-caller-identity` says who you are. Reading needs "
    "s3:GetObject, folders and patterns s3:ListBucket.",
    "gs": "Credentials are Google's application default ones: GOOGLE_APPLICATION_CREDENTIALS, "
    "`gcloud auth application-default login`, or the machine's service account. Reading needs "
    "storage.objects.get, folders and patterns storage.objects.list.",
}
_REACH: Final = {
    "s3": "Check the network, and AWS_ENDPOINT_URL if it is set; then run the same command again.",
    "gs": "Check the network, and CLOUD_STORAGE_EMULATOR_ENDPOINT if it is set; then run the same command again. "
    "A machine without a service account needs credentials: `gcloud auth application-default login`.",
}


@dataclass(frozen=True, slots=True)
class Store:
    """One bucket of an object store.

    Attributes:
        scheme: `s3` or `gs`.
        bucket: Its name.
        files: Arrow's view of the store.
    """

    scheme: str
    bucket: str
    files: "FileSystem"

    @property
    def pins(self) -> bool:
        """Whether what is read of an open object is of that object alone: Google's are opened by their generation."""
        return self.scheme == "gs"

    def url(self, path: str) -> str:
        """Return the URL of a path as Arrow writes it (`bucket/key`)."""
        return f"{self.scheme}://{path}"


def split_url(url: str) -> tuple[str, str, str]:
    """Return the scheme, the bucket and the key of an URL; the key may be empty, or a pattern.

    Raises:
        SourceError: It is of another kind, names no bucket, or holds credentials; they are not repeated.
    """
    match = _URL.fullmatch(url)
    scheme = match["scheme"].lower() if match else ""
    rest = match["rest"] if match else ""
    bucket, _, key = rest.partition("/")
    if "@" in bucket:
        raise SourceError(
            f"A source at {scheme}:// holds credentials before its bucket.",
            f"Take them out: {scheme}://BUCKET/KEY. {_WHO.get(scheme, '')}".rstrip(),
        )
    if scheme not in SCHEMES:
        raise SourceError(
            f"Sources at {scheme}:// can't be opened.",
            "Name a file, s3://BUCKET/KEY or gs://BUCKET/KEY; fetch anything else to a file first.",
        )
    if not bucket:
        raise SourceError(f"{url} names no bucket.", f"Write {scheme}://BUCKET/KEY.")
    if "//" in f"/{key}":
        raise SourceError(
            f"{url} names a key with an empty part ('//'), which can't be opened here.",
            "Check the URL; an object whose key really is like that has to be copied to another key.",
        )
    return scheme, bucket, key


def open_store(scheme: str, bucket: str) -> Store:
    """Return one bucket's store. Nothing is asked of it yet, except where S3 keeps the bucket."""
    return Store(scheme, bucket, _s3(bucket) if scheme == "s3" else _gs())


def _s3(bucket: str) -> "FileSystem":
    from pyarrow import fs

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
    region = next((found for name in _REGIONS if (found := os.environ.get(name))), None)
    if endpoint is None:  # a bucket is asked in its own region, whatever the default one is
        try:
            region = fs.resolve_s3_region(bucket)
        except OSError:
            pass  # opening the object tells why
    return fs.S3FileSystem(
        region=region or ("us-east-1" if endpoint else None),
        endpoint_override=endpoint,
        proxy_options=_proxy(endpoint or "https://s3.amazonaws.com"),
        connect_timeout=_CONNECT_S,
        request_timeout=_REQUEST_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def _proxy(endpoint: str) -> str | None:
    """Return the proxy that the environment names for a server; Amazon's library looks for none by itself."""
    from urllib.request import getproxies, proxy_bypass  # loads an HTTP client of its own

    at = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    if at.hostname is None or proxy_bypass(at.hostname):
        return None
    return getproxies().get(at.scheme)


def _gs() -> "FileSystem":
    from pyarrow import fs

    emulator = os.environ.get("CLOUD_STORAGE_EMULATOR_ENDPOINT")
    limit = timedelta(seconds=_REQUEST_S)
    if not emulator:
        return fs.GcsFileSystem(retry_time_limit=limit)
    scheme, _, place = emulator.rstrip("/").rpartition("://")
    return fs.GcsFileSystem(
        anonymous=True, endpoint_override=place, scheme=scheme or "http", retry_time_limit=limit
    )


@contextmanager
def asking(url: str, *, reading: bool = False) -> Iterator[None]:
    """Translate what Arrow raises about an object.

    Args:
        url: The object or pattern, for the message.
        reading: Whether it was open already, so that some of it may have been sent.

    Raises:
        SourceError: It isn't there, or can't be read.
        CredentialsError: The store refused.
    """
    try:
        yield
    except CapiError:
        raise
    except Exception as error:
        from pyarrow import ArrowException

        if not isinstance(error, OSError | ArrowException):
            raise
        raise _told(url, error, reading=reading) from None


def _told(url: str, error: Exception, *, reading: bool) -> CapiError:
    scheme = url.partition("://")[0]
    text = str(error)
    code, status = _code(text)
    if isinstance(error, FileNotFoundError) or code in _MISSING:
        if reading:
            return replaced(url)
        return missing_bucket(url) if code == "NO_SUCH_BUCKET" else missing(url)
    if _NO_TOKEN in text:
        return CredentialsError(f"No credentials to read {url} can be found or used.", _WHO[scheme])
    if code in _REFUSED or status in _REFUSED_STATUS:
        return CredentialsError(f"The store refused to give {url} ({code or status}).", _WHO[scheme])
    what = f" ({code})" if code and code != "UNKNOWN" else f" (HTTP {status})" if status else ""
    if reading:
        return SourceError(
            f"{url} can't be read to its end: the store stopped answering{what}.",
            "Run the same command again; what was sent is skipped.",
        )
    return SourceError(f"{url} can't be opened: the store can't be reached or fails{what}.", _REACH[scheme])


def _code(text: str) -> tuple[str, str]:
    """Return the code and the HTTP status in Arrow's words; either may be empty."""
    if found := _AWS_ERROR.search(text):
        return found["code"], found["status"] or ""
    found = re.search(r"google::cloud::Status\((?P<code>[A-Z_]+)", text)
    return (found["code"] if found else ""), ""


def in_background(call: Callable[[], Answer]) -> Answer:
    """Make a call that may take minutes, and let signals be handled: none is while the main thread is in Arrow."""
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def make() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # noqa: BLE001 -- raised again where it was waited for
            errors.append(error)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]


def missing(url: str) -> SourceError:
    """Return what is said of an object that isn't there."""
    tool = "aws s3 ls" if url.startswith("s3:") else "gcloud storage ls"
    return SourceError(f"There is no object {url}.", f"Check the key: `{tool} {url.rpartition('/')[0]}/`.")


def replaced(url: str) -> SourceError:
    """Return what is said of an object that is not the one that was opened, or is gone."""
    return SourceError(
        f"{url} was replaced or removed while it was read.",
        "Run the same command again; what was sent is skipped.",
    )


def missing_bucket(url: str) -> SourceError:
    """Return what is said where the bucket isn't there."""
    scheme, _, rest = url.partition("://")
    bucket = rest.partition("/")[0]
    return SourceError(
        f"There is no bucket {scheme}://{bucket}.", "Check its name, and whose account it is in."
    )
