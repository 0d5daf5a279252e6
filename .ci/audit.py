"""Look for known weaknesses in what capi installs, by pip-audit: a step of `make check`.

A weakness in what capi needs fails the check; one in a development tool is told. Where no advisories can be had (no
network, or a registry that serves none) nothing is known, which is said and fails nothing.
"""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_COMMAND = ("-m", "pip_audit", "--local", "--skip-editable", "--format", "json", "--progress-spinner", "off")
_ONE_ANSWER_S = "10"
_IN_ALL_S = 120


def main() -> int:
    """Return 1 where something that capi needs has a known weakness."""
    found = _audited()
    known = [package for package in found if "skip_reason" not in package]
    if not known:
        print("audit: no advisories could be had here, so nothing is known. Skipped.")
        return 0
    needed = _needed("capi-cli")
    code = 0
    for package in known:
        for weakness in package["vulns"]:
            matters = canonicalize_name(package["name"]) in needed
            code = code or int(matters)
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            whose = "needed by capi" if matters else "a development tool"
            print(
                f"audit: {package['name']} {package['version']} ({whose}): {weakness['id']}, mended in {mended}"
            )
    print(f"audit: {len(known)} of {len(found)} packages looked up.")
    return code


def _audited() -> list[dict[str, Any]]:
    """Return pip-audit's packages; none where it could not do its work."""
    try:
        done = subprocess.run(
            [sys.executable, *_COMMAND, "--timeout", _ONE_ANSWER_S],
            capture_output=True,
            text=True,
            timeout=_IN_ALL_S,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return []
    return found


def _needed(name: str) -> set[str]:
    """Return the names of all that a package needs, without its extras."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        try:
            lines = requires(waiting.pop()) or []
        except PackageNotFoundError:  # of another platform
            continue
        for requirement in map(Requirement, lines):
            key = canonicalize_name(requirement.name)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and key not in found:
                found.add(key)
                waiting.append(key)
    return found


if __name__ == "__main__":
    sys.exit(main())
