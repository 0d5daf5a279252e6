"""As much of Google Cloud Storage as reading needs, over the folders of one folder; run as a process of its own.

In a process of its own since Arrow's client keeps Python from running while it waits. It prints its port, then a line
for each request. The bucket `locked` refuses; an object whose folder holds NAME.cut breaks after so many bytes.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(sys.argv[1])
TIMES = dict.fromkeys(("timeCreated", "updated"), "2026-01-01T00:00:00Z")
_PATH = re.compile(r"/storage/v1/b/(?P<bucket>[^/]+)(?P<list>/o)?(?:/(?P<key>[^/]+))?")


def described(bucket: str, path: Path) -> dict[str, Any]:
    found = path.stat()
    return {
        "kind": "storage#object",
        "bucket": bucket,
        "name": path.relative_to(ROOT / bucket).as_posix(),
        "size": str(found.st_size),
        "generation": str(found.st_mtime_ns),
        "metageneration": "1",
        "etag": f"E{found.st_mtime_ns}",
        **TIMES,
    }


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        print(self.path, self.headers.get("Range", "-"), flush=True)
        at = urlsplit(self.path)
        match = _PATH.fullmatch(at.path)
        assert match is not None, self.path
        bucket, query = unquote(match["bucket"]), parse_qs(at.query)
        path = ROOT / bucket / unquote(match["key"] or "")
        if bucket == "locked":
            self.tell(403, {"error": {"code": 403, "message": "no storage.objects.get"}})
        elif not (ROOT / bucket).is_dir() or (match["key"] and not path.is_file()):
            self.tell(404, {"error": {"code": 404, "message": "not found"}})
        elif match["key"] is None:
            self.tell(200, self.listed(bucket, query) if match["list"] else {"name": bucket, "id": bucket})
        elif query.get("alt") == ["media"]:
            self.give(path, query.get("generation", [""])[0])
        else:
            self.tell(200, described(bucket, path))

    def listed(self, bucket: str, query: dict[str, list[str]]) -> dict[str, Any]:
        prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
        items = [described(bucket, path) for path in sorted((ROOT / bucket).rglob("*")) if path.is_file()]
        items = [item for item in items if item["name"].startswith(prefix)]
        if delimiter:
            items = [item for item in items if delimiter not in item["name"][len(prefix) :]]
        return {"kind": "storage#objects", "items": items}

    def give(self, path: Path, generation: str) -> None:
        if generation and generation != str(path.stat().st_mtime_ns):
            self.tell(404, {"error": {"code": 404, "message": "no such generation"}})
            return
        content = path.read_bytes()
        first, last = 0, len(content) - 1
        if span := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(span[1]), min(int(span[2] or last), last)
        self.send_response(206 if span else 200)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.end_headers()
        cut = path.with_name(path.name + ".cut")
        end = min(last, int(cut.read_text()) - 1) if cut.exists() else last
        self.wfile.write(content[first : end + 1])
        self.close_connection = end < last

    def tell(self, status: int, said: dict[str, Any]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
    print(server.server_address[1], flush=True)
    server.serve_forever()
