"""Every option, once: its name, its parser, where else it may be said, and its line of help.

A command takes the options it names (`@takes(*SOURCE, *MAPPING, …)`) and gets them as typed; `settings`
merges them with the environment and capi.toml. A new option is a row here and a line in `request`.
"""

from collections.abc import Callable
from typing import Any, Final

from capi_cli.cli import values
from capi_cli.cli.option import Option as Option
from capi_cli.cli.option import sources as sources
from capi_cli.cli.option import takes as takes
from capi_cli.event import limits

OUTPUT_PANEL: Final = "Output"


def _on(panel: str) -> Callable[..., Option]:
    """Return what makes the options of one panel of the help."""

    def option(name: str, help: str, **more: Any) -> Option:
        return Option(name=name, help=help, panel=panel, **more)

    return option


_source = _on("Source")
_mapping = _on("Mapping")
_destination = _on("Destination")
_sending = _on("Sending")
_judging = _on("Bad rows")
_spark = _on("Spark")
_output = _on(OUTPUT_PANEL)

SOURCE = (
    _source(
        "since",
        "Rows older than that are filtered: `7d` for a rolling export.",
        metavar="DURATION",
        parse=values.some_time_s,
    ),
    _source(
        "suppress",
        "People to leave out: e-mail addresses, phones or SHA-256 digests of them, one a line or a CSV. Repeatable.",
        metavar="FILE",
        parse=values.path,
        many=True,
    ),
    _source(
        "format",
        "What the source is, where its name does not say; needed with `-`.",
        metavar="csv|jsonl|parquet",
        parse=values.choice("csv", "jsonl", "parquet"),
    ),
    _source(
        "encoding",
        "How the text is encoded, e.g. cp1252; UTF-8 and UTF-16 are seen without it.",
        metavar="NAME",
        parse=values.encoding,
    ),
    _source(
        "delimiter",
        "What stands between cells: one character, or `tab`; seen without it.",
        metavar="CHARACTER",
        parse=values.delimiter,
    ),
    _source(
        "skip_lines",
        "Lines above the header, such as a title.",
        metavar="N",
        parse=values.whole(0),
    ),
    _source("no_header", "The first line is a row already; name the columns with --columns."),
    _source(
        "columns",
        "The columns' names, in order, where the source has no header.",
        metavar="NAME,NAME…",
        parse=values.names,
    ),
    _source(
        "limit",
        "Stop after N rows read, before filters.",
        metavar="N",
        parse=values.whole(1),
        from_environment=False,
    ),
)

MAPPING = (
    _mapping(
        "config",
        "The configuration file.",
        metavar="PATH",
        parse=values.path,
        from_config=False,
        default="./capi.toml where it exists",
    ),
    _mapping(
        "map",
        "Fill a field from a column: `em=email`, `value=total`. Repeatable; again for several columns.",
        metavar="FIELD=COLUMN",
        parse=values.pair("FIELD", "COLUMN"),
        many=True,
        from_config=False,
    ),
    _mapping(
        "set",
        "A constant for every event: `event_name=Purchase`. Repeatable.",
        metavar="FIELD=VALUE",
        parse=values.pair("FIELD", "VALUE"),
        many=True,
        from_config=False,
    ),
    _mapping(
        "event_id",
        "How an event's id is made, e.g. `order-{order_id}`; derived from the row where nothing is said.",
        metavar="TEMPLATE",
        parse=values.text,
    ),
    _mapping(
        "timezone",
        "IANA zone of times that carry none, e.g. Europe/Berlin.",
        metavar="ZONE",
        parse=values.timezone,
    ),
    _mapping(
        "decimal",
        "The decimal sign of amounts.",
        metavar=",|.",
        parse=values.choice(",", "."),
    ),
    _mapping(
        "default_country",
        "For reading phones, states and postcodes whose row names no country; it is not sent.",
        metavar="CC",
        parse=values.country,
    ),
    _mapping(
        "where",
        "Only rows that match are events: `status=paid,partially_refunded`. Repeatable.",
        metavar="COLUMN=VALUE[,VALUE…]",
        parse=values.where,
        many=True,
        from_config=False,
    ),
)

DATASET = _destination(
    "dataset_id",
    "Where events go; also called pixel.",
    metavar="ID",
    parse=values.dataset_id,
    synonyms=("META_DATASET_ID", "META_PIXEL_ID", "FB_PIXEL_ID"),
)

DESTINATION = (
    DATASET,
    _destination(
        "token_file",
        "A file that holds the access token; without it, META_ACCESS_TOKEN. Never on the command line. "
        "META_APP_SECRET signs requests, where the app asks for that.",
        metavar="PATH",
        parse=values.path,
    ),
    _destination(
        "graph_url",
        "The Graph endpoint; plain http only to this machine.",
        metavar="URL",
        parse=values.url,
        default=limits.DEFAULT_GRAPH_URL,
    ),
    _destination(
        "api_version",
        "The Graph API's version.",
        metavar="vN.0",
        parse=values.api_version,
        synonyms=("META_API_VERSION",),
        default=limits.DEFAULT_API_VERSION,
    ),
    _destination(
        "sandbox", "Send to a local endpoint with Meta's rules, started for this run; needs no token."
    ),
    _destination(
        "test_event_code",
        "Show the events under Test Events. They count at Meta like any other.",
        metavar="CODE",
        parse=values.text,
        synonyms=("META_TEST_EVENT_CODE",),
    ),
    _destination(
        "gzip",
        "Compress request bodies; Meta documents nothing about it, so only where you have tried it.",
    ),
    _destination("dry_run", "Everything but the sending; the ledger is read and not written."),
    _destination("yes", "Do not ask before sending by a guessed mapping.", short="y"),
)

SENDING = (
    _sending(
        "batch_size",
        "Events in one request, 1 to 1000.",
        metavar="N",
        parse=values.whole(1, limits.MAX_EVENTS_PER_REQUEST),
        default="1000",
    ),
    _sending(
        "concurrency",
        "Most requests in flight; adapts downward by itself.",
        metavar="N",
        parse=values.whole(1, 256),
        default="8",
    ),
    _sending(
        "retry_for",
        "How long one batch is tried again through passing faults.",
        metavar="DURATION",
        parse=values.duration_s,
        default="15m; 2m while no request has succeeded",
    ),
    _sending(
        "timeout",
        "One request, in all.",
        metavar="DURATION",
        parse=values.some_time_s,
        default="60s",
    ),
    _sending(
        "resend",
        "Send rows again that the ledger holds as accepted, refused or unknown.",
        from_environment=False,
    ),
    _sending(
        "lock_wait",
        "How long to wait while another run uses the ledger of the same dataset.",
        metavar="DURATION",
        parse=values.duration_s,
        default="0s",
    ),
    _sending(
        "keep_for",
        "How long the ledger remembers what was accepted; at least 62d.",
        metavar="DURATION",
        parse=values.keeping_s,
        default="400d",
    ),
    _sending(
        "workers",
        "How many threads prepare rows; processes, where the loops in C are missing.",
        metavar="N",
        parse=values.whole(1, 64),
        default="by the file's size and the cores",
    ),
    _sending(
        "state_dir",
        "Where the ledger is kept, one for each dataset.",
        metavar="DIR",
        parse=values.path,
        default="the platform's state folder",
    ),
)

JUDGING = (
    _judging(
        "rejects",
        "Where rejected rows go, in the source's own format; of several sources, each to a file named after it.",
        metavar="PATH",
        parse=values.path,
        default="beside the source",
    ),
    _judging(
        "max_error_rate",
        "Stop, exit 5, where more rows than this are bad; 1 never stops.",
        metavar="R",
        parse=values.rate,
        default="0.1",
    ),
    _judging(
        "preflight",
        "`full`: judge the whole source before the first request, not the first 10,000 rows alone.",
        metavar="full",
        parse=values.choice("full"),
    ),
)

SPARK = (
    _spark(
        "engine",
        "What does the work: this machine, or the Spark that is there; SOURCE is then one table or folder of Parquet.",
        metavar="local|spark",
        parse=values.choice("local", "spark"),
        default="local",
    ),
    _spark(
        "store",
        "A folder that every executor can reach, for receipts, rejects and events under way.",
        metavar="LOCATION",
        parse=values.text,
    ),
    _spark(
        "store_format",
        "How receipts and rejects are kept there.",
        metavar="parquet|delta",
        parse=values.choice("parquet", "delta"),
        default="parquet",
    ),
)

PREPARING = (
    _output(
        "out",
        "The folder that the events are written to: a new one, or an empty one.",
        metavar="DIR",
        parse=values.path,
        short="o",
        from_config=False,
    ),
    _output("compress", "Compress the parts.", metavar="zstd", parse=values.choice("zstd")),
)

OUTPUT = (
    _output(
        "output",
        "What stdout gets at the end: a table, or one JSON object.",
        metavar="text|json",
        parse=values.choice("text", "json"),
        default="text",
    ),
    _output(
        "log_format",
        "What stderr gets: text, or one JSON object per line.",
        metavar="text|json",
        parse=values.choice("text", "json"),
        default="text",
    ),
    _output("quiet", "Nothing unless something went wrong.", short="q"),
    _output("verbose", "Say more while it runs.", short="v"),
    _output("no_color", "No colours; NO_COLOR does the same."),
    _output("no_progress", "No progress bar."),
)

REPORT = _output(
    "report",
    "Write a page to look at: outcome, coverage, findings, times, values, receipts.",
    metavar="PATH.html",
    parse=values.page,
)


def _sandbox(name: str, help: str, **more: Any) -> Option:
    return Option(name=name, help=help, panel="Sandbox", from_config=False, **more)


SANDBOX = (
    _sandbox(
        "port",
        "The port on this machine; 0 for a free one.",
        metavar="N",
        parse=values.whole(0, 65_535),
        default="8765",
    ),
    _sandbox(
        "fault",
        "Something that goes wrong: `http=503`, `throttle=80004:0.1`, `drop-after:first=2`, `latency=0.3`. "
        "Repeatable.",
        metavar="NAME[=VALUE][:WHEN]",
        parse=values.text,
        many=True,
    ),
    _sandbox("save", "Keep accepted bodies and replies in this folder.", metavar="DIR", parse=values.path),
    _sandbox(
        "check",
        "`none` counts events without judging them.",
        metavar="full|none",
        parse=values.choice("full", "none"),
        default="full",
    ),
)

TOKEN_FILE = next(option for option in DESTINATION if option.name == "token_file")
STATE_DIR = next(option for option in SENDING if option.name == "state_dir")
WORKERS = next(option for option in SENDING if option.name == "workers")
_ALL = (*SOURCE, *MAPPING, *DESTINATION, *SENDING, *JUDGING, *SPARK, *PREPARING, *OUTPUT, REPORT, *SANDBOX)
KNOWN: Final = {option.name: option for option in _ALL}
"""Every option of every command, by name."""
