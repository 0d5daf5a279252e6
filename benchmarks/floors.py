"""What no program can be quicker than: hash each distinct match key once, read the file, post the ready bytes.

python benchmarks/floors.py hash|read orders.csv        # or .jsonl, .parquet
python benchmarks/floors.py post FOLDER URL             # FOLDER holds request-*.json
It prints the seconds of that alone.
"""

import http.client
import sys
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq
from exports import COLUMNS

MATCH_KEYS = COLUMNS[:10]


def read(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        texts = {name: pa.string() for name in COLUMNS}
        return pacsv.read_csv(path, convert_options=pacsv.ConvertOptions(column_types=texts))
    if path.suffix == ".jsonl":
        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        return pajson.read_json(path, parse_options=pajson.ParseOptions(explicit_schema=schema))
    return pq.read_table(path)


def read_s(path: Path) -> float:
    begun = time.perf_counter()
    read(path)
    return time.perf_counter() - begun


def hash_s(path: Path) -> float:
    table = read(path)
    distinct = [table[name].unique().cast(pa.binary()).to_pylist() for name in MATCH_KEYS]
    begun = time.perf_counter()
    for texts in distinct:
        for text in texts:
            sha256(text).hexdigest()
    return time.perf_counter() - begun


def post_s(folder: Path, url: str) -> float:
    bodies = [path.read_bytes() for path in sorted(folder.glob("request-*.json"))]
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.connect()
    begun = time.perf_counter()
    for body in bodies:
        connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
        if connection.getresponse().read()[:1] != b"{":
            raise SystemExit("the sink did not answer")
    return time.perf_counter() - begun


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hash", path]:
            print(hash_s(Path(path)))
        case ["read", path]:
            print(read_s(Path(path)))
        case ["post", folder, url]:
            print(post_s(Path(folder), url))
        case _:
            raise SystemExit(__doc__)
