"""The product's door on this machine: what a peer calls by itself, a logout URL or our keys, really goes over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from starlette.testclient import TestClient

from ostiary.web import build_app
from tests.journeys.world import PRODUCT, World

_KEPT = frozenset({"content-type", "authorization", "accept", "user-agent"})


@contextmanager
def front_door(world: World) -> Iterator[str]:
    """Where the product answers, as a URL without a path. It knows itself by its public name all the same."""
    app = TestClient(build_app(world.services), base_url=PRODUCT, follow_redirects=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with suppress(ConnectionError):  # the peer has gone
                super().handle()

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            """Write nothing: the tests have a log of their own."""

        def _pass_on(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name: value for name, value in self.headers.items() if name.lower() in _KEPT}
            answer = app.request(self.command, self.path, headers=headers, content=content)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("content-type", "text/plain"))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
