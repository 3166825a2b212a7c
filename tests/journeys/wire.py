"""The product's way out, in one process: to the simulated providers directly, to anybody else as it is."""

from collections.abc import MutableMapping, MutableSet
from dataclasses import dataclass, field

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ostiary.kernel.http import Fetch, HttpRequest, HttpResponse
from ostiary.outbound.errors import Unreachable
from tests.journeys.walker import origin


@dataclass
class Wire:
    """A `Fetch` that knows the applications of this world by their origins."""

    otherwise: Fetch
    apps: MutableMapping[str, ASGIApp] = field(default_factory=dict)
    cut: MutableSet[str] = field(default_factory=set)
    """Origins that nobody reaches."""
    asked: list[str] = field(default_factory=list)
    """Every URL that was asked for."""

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        """The answer of the application at this origin."""
        where = origin(request.url)
        self.asked.append(request.url)
        if where in self.cut:
            raise Unreachable(host=where.partition("//")[2], port=443, address="203.0.113.9")
        if where not in self.apps:
            return self.otherwise(request, purpose=purpose)
        client = TestClient(self.apps[where], base_url=where, follow_redirects=False)
        answer = client.request(request.method, request.url, headers=dict(request.headers), content=request.body)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(status=answer.status_code, headers=headers, body=answer.content)
