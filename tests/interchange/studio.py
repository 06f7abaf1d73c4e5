"""A stand-in for the part of Edge Impulse's service that its SDK uses, on the loopback."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LIBRARY = b"PK what the service built"


@dataclass(frozen=True)
class Request:
    """A request to the service."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class Studio:
    """The service: keeps what it is asked, and answers that all went well."""

    outputs: int
    port: int = 0
    requests: list[Request] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that lead the SDK here."""
        here = f"http://127.0.0.1:{self.port}"
        ours = {"EI_API_KEY": "ei_0", "EI_API_ENDPOINT": f"{here}/v1"}
        return {**os.environ, **ours, "EI_INGESTION_ENDPOINT": here}

    def asked(self, part: str) -> list[Request]:
        """The requests whose path has `part`."""
        return [request for request in self.requests if part in request.path]

    def answer(self, path: str) -> dict[str, Any]:
        """The answers by path, as the Studio API describes them."""
        output = {"dataType": "int8", "name": "scores", "shape": [1, self.outputs]}
        special: dict[str, dict[str, Any]] = {
            "/projects": {"projects": [{"id": 1}]},
            "/status": {"job": {"id": 5, "finished": "2026-01-01T00:00:00Z"}},
            "/stdout": {"stdout": []},
            "/data-sources": {"targets": [{"format": "zip"}]},
            "/files": {"files": [{"success": True, "sampleId": 1}]},
            "/pretrained-model": {
                "specificDeviceSelected": False,
                "availableModelTypes": ["int8"],
                "model": {"fileName": "m", "inputs": [], "outputs": [output]},
            },
        }
        found = (more for end, more in special.items() if path.partition("?")[0].endswith(end))
        return {"success": True, "id": 5, **next(found, {})}


@contextmanager
def studio(outputs: int) -> Iterator[Studio]:
    """A service for models with this number of outputs."""
    service = Studio(outputs)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            service.requests.append(Request(self.command, self.path, self.headers, body))
            is_library = "/deployment/download" in self.path
            data = LIBRARY if is_library else json.dumps(service.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            if is_library:
                self.send_header("Content-Disposition", "attachment; filename=library.zip")
            else:
                self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
