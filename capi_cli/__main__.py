"""The program `capi`. `--version` is answered here, before anything heavy is imported."""

import gc
import os
import sys
import warnings
from types import TracebackType

_NEW_OBJECTS = 1_000_000  # between looks for cycles: loading modules makes many objects and hardly a cycle


def main() -> None:
    """Run the command line and leave with its exit code."""
    argv = sys.argv[1:]
    if "--version" in argv and (form := _form_of_version(argv)) is not None:
        _say(_version(as_json=form == "json"))
        return
    sys.excepthook = _tell_kind
    gc.set_threshold(_NEW_OBJECTS)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's words for developers, on a screen of cron's
    try:
        from capi_cli.cli.app import main as run
        from capi_cli.runs.no_pandas import refuse_pandas
    except ImportError as error:
        sys.exit(
            f"capi: It can't start: {error.name or 'a library'} is missing or damaged. Install capi again."
        )
    except KeyboardInterrupt:
        sys.exit(130)
    refuse_pandas()
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # numpy's algebra, unused here, starts a thread for each core
    # Parquet's pages come from Arrow's first pool, whatever `keep_small` says later; mimalloc keeps what it once had.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    code = run(argv)
    gc.freeze()  # on its way out Python would look through all of them twice
    sys.exit(code)


def _tell_kind(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Stand in for Python's traceback, whose texts may hold what is in the user's file."""
    sys.stderr.write(f"capi: This is a bug in capi: {kind.__name__}. Please report it with the command.\n")


def _say(line: str) -> None:
    """Print a line before anything else of ours is there to survive a stream that is closed or full."""
    try:
        print(line, flush=True)  # noqa: T201 - the one line that needs none of our imports
    except OSError as error:
        sys.exit(f"capi: stdout can't be written ({error.strerror}).")


def _form_of_version(argv: list[str]) -> str | None:
    """Return `text` or `json` where the line asks for the version and nothing else."""
    rest = [word for word in argv if word != "--version"]
    forms = {(): "text", ("--output", "text"): "text", ("--output=text",): "text"}
    forms |= {("--output", "json"): "json", ("--output=json",): "json"}
    return forms.get(tuple(rest))


def _version(*, as_json: bool) -> str:
    from capi_cli import __version__

    if not as_json:
        return f"capi {__version__}"
    import json

    from capi_cli.event.limits import DEFAULT_API_VERSION

    facts = {"version": __version__, "python": sys.version.split()[0], "api_version": DEFAULT_API_VERSION}
    return json.dumps(facts)


if __name__ == "__main__":
    main()
