"""A browser without a screen: it follows redirects between applications, keeps cookies and fills in forms.

It does what the pages offer and nothing else: a link that is not there can't be followed, a button that is not there
can't be pressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2
from lxml import html
from starlette.testclient import TestClient
from starlette.types import ASGIApp

LONGEST_WAY = 12
_CLOSED_AT_ONCE = httpx2.Limits(max_keepalive_connections=0)
_URLENCODED = "application/x-www-form-urlencoded"


def origin(url: str) -> str:
    """Scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class Walker:
    """One browser of one person."""

    apps: Mapping[str, ASGIApp]
    """The application behind each origin."""
    url: str = "about:blank"
    passed: list[str] = field(default_factory=list)
    """The addresses of the last way that led on to others."""
    _answered: httpx2.Response | None = None
    _clients: dict[str, httpx2.Client] = field(default_factory=dict)

    @property
    def response(self) -> httpx2.Response:
        """The last answer."""
        assert self._answered is not None, "Nothing was opened yet"
        return self._answered

    @property
    def document(self) -> html.HtmlElement:
        """The page as a tree."""
        return html.fromstring(self.response.text)

    @property
    def text(self) -> str:
        """What the page says, in one line."""
        body = self.document.find("body")
        for hidden in body.xpath("//script|//style"):
            hidden.drop_tree()
        return " ".join(body.text_content().split())

    @property
    def title(self) -> str:
        """The one heading of the page."""
        headings = self.document.xpath("//h1")
        assert len(headings) == 1, f"{len(headings)} headings at {self.url}: {self.text[:300]}"
        return " ".join(headings[0].text_content().split())

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return self.response.status_code

    def open(self, url: str) -> "Walker":
        """Type an address."""
        self._go("GET", urljoin(self.url, url))
        return self

    def follow(self, label: str) -> "Walker":
        """Click the link that says this."""
        for link in self.document.xpath("//a[@href]"):
            says = " ".join(link.text_content().split())
            if label in {says, link.get("aria-label")} or (label.endswith("…") and says.startswith(label[:-1])):
                return self.open(link.get("href"))
        raise AssertionError(f"No link {label!r} at {self.url}: {self.text[:600]}")

    def twin(self) -> "Walker":
        """Another tab of the same browser, at the same page."""
        return Walker(apps=self.apps, url=self.url, _answered=self._answered, _clients=self._clients)

    def post(self, url: str, body: bytes, *, content_type: str = _URLENCODED) -> "Walker":
        """What a forged form, or a program, sends from the page at hand."""
        self._go("POST", urljoin(self.url, url), (content_type, body))
        return self

    def press(
        self, label: str, *, files: Mapping[str, tuple[str, bytes]] | None = None, **values: str | list[str]
    ) -> "Walker":
        """Press the button that says this, with these values in its form; what is left out stays as it is."""
        for button in self.document.xpath("//button|//input[@type='submit']"):
            says = " ".join((button.get("value") or "" if button.tag == "input" else button.text_content()).split())
            fits = label in {says, button.get("aria-label")} or (label.endswith("…") and label[:-1] in says)
            if fits and button.get("type") != "button" and button.get("aria-hidden") != "true":
                assert button.get("aria-disabled") != "true", f"{label!r} is not ready at {self.url}"
                return self._submit(self._form_of(button), button, values, files or {})
        raise AssertionError(f"No button {label!r} at {self.url}: {self.text[:600]}")

    def field(self, label: str) -> str:
        """What stands in the field with this label."""
        for element in self.document.xpath("//label"):
            if " ".join(element.text_content().split()) == label:
                found = self.document.get_element_by_id(element.get("for"))
                return str(found.text_content() if found.tag == "textarea" else found.get("value") or "")
        raise AssertionError(f"No field {label!r} at {self.url}: {self.text[:600]}")

    def cookies(self, url: str) -> httpx2.Cookies:
        """The cookies that are kept for this origin."""
        return self._client(origin(url)).cookies

    def value_of(self, label: str) -> str:
        """The value to copy that goes by this name."""
        for output in self.document.xpath("//output"):
            if output.get("aria-label") == label:
                return str(output.text_content())
        raise AssertionError(f"Nothing to copy by the name {label!r} at {self.url}")

    def _form_of(self, button: html.HtmlElement) -> html.HtmlElement:
        named = button.get("form")
        if named:
            return self.document.get_element_by_id(named)
        return next(button.iterancestors("form"))

    def _submit(
        self,
        form: html.HtmlElement,
        button: html.HtmlElement,
        values: Mapping[str, str | list[str]],
        files: Mapping[str, tuple[str, bytes]],
    ) -> "Walker":
        fields = [(name, value) for name, value in _fields(form) if name not in values]
        unknown = set(values) - {element.get("name") for element in form.xpath(".//*[@name]")}
        assert not unknown, f"The form at {self.url} has no fields {sorted(unknown)}"
        for name, value in values.items():
            fields += [(name, one) for one in (value if isinstance(value, list) else [value])]
        if button.get("name"):
            fields.append((button.get("name"), button.get("value") or ""))
        target = urljoin(self.url, button.get("formaction") or form.get("action") or self.url)
        if (form.get("method") or "get").lower() == "get":
            return self.open(str(httpx2.URL(target).copy_merge_params(dict(fields))))
        if form.get("enctype") != "multipart/form-data":
            self._go("POST", target, (_URLENCODED, urlencode(fields).encode()))
            return self
        # A browser sends an empty part without a file name for each file field that was left alone.
        chosen = dict.fromkeys(form.xpath(".//input[@type='file']/@name"), ("", b"")) | dict(files)
        self._go("POST", target, _multipart(fields, chosen))
        return self

    def _go(self, method: str, url: str, body: tuple[str, bytes] | None = None) -> None:
        came_from = origin(self.url)
        self.passed = []
        for _ in range(LONGEST_WAY):
            client = self._client(origin(url))
            headers = {"Origin": came_from, "Referer": self.url} if method == "POST" else {}
            if body is not None:
                headers["Content-Type"] = body[0]
            self._answered = client.request(
                method,
                url.partition("#")[0],
                headers=headers,
                content=body[1] if body else None,
                follow_redirects=False,
            )
            self.url = url
            if not self.response.is_redirect:
                return
            self.passed.append(url)
            method, body, url = "GET", None, urljoin(url, self.response.headers["location"])
        raise AssertionError(f"The way does not end: {url}")

    def walk_aside(self, url: str) -> str:
        """What stands at this address, without leaving the page."""
        return self._client(origin(url)).get(url).text

    def _client(self, of: str) -> httpx2.Client:
        if of not in self._clients:
            if of.startswith("http://127.0.0.1:"):  # a peer that really listens
                self._clients[of] = httpx2.Client(timeout=60, trust_env=False, limits=_CLOSED_AT_ONCE)
                # Browsers trust this machine: they send cookies that are marked Secure without TLS too.
                self._clients[of].cookies.jar.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
                return self._clients[of]
            assert of in self.apps, f"Nothing answers at {of}"
            self._clients[of] = TestClient(self.apps[of], base_url=of, raise_server_exceptions=True)
        return self._clients[of]


def _fields(form: html.HtmlElement) -> list[tuple[str, str]]:
    """The successful controls of a form, but for buttons and files."""
    found = []
    for element in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]"):
        kind = element.get("type", "text")
        if kind in {"submit", "file", "button"} or element.get("disabled") is not None:
            continue
        if kind in {"checkbox", "radio"}:
            if element.get("checked") is not None:
                found.append((element.get("name"), element.get("value") or "on"))
        elif element.tag == "select":
            found.append((element.get("name"), element.value or ""))
        elif element.tag == "textarea":
            found.append((element.get("name"), (element.text or "").removeprefix("\n")))
        else:
            found.append((element.get("name"), element.get("value") or ""))
    return found


def _multipart(fields: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    """A form with files, as a browser writes it."""
    boundary = b"----a-line-between-the-parts"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    parts += [
        f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        for name, (filename, content) in files.items()
    ]
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    return f"multipart/form-data; boundary={boundary.decode()}", body
