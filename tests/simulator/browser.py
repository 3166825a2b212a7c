"""A browser without JavaScript for these tests: it reads labels, fills in fields and presses buttons by their words."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html
from starlette.testclient import TestClient


def _words(element):
    hidden = "".join(one.text_content() for one in element.iterfind(".//*[@aria-hidden='true']"))
    return " ".join(element.text_content().removeprefix(hidden).split())


class Browser:
    """One person at one simulator."""

    def __init__(self, simulator):
        self.base_url = simulator.base_url
        self.client = TestClient(simulator.app, base_url=simulator.base_url)
        self.response: Any = None
        self._page: Any = None
        self._file: Any = None

    def open(self, url, **params):
        self._read(self.client.get(url, params=params or None))

    @property
    def path(self):
        return self.response.url.path

    @property
    def text(self):
        return _words(self._page.find("body"))

    @property
    def heading(self):
        return _words(self._page.find(".//h1"))

    def click(self, words):
        """Follow the one link with these words, or with this name for screen readers."""
        [link] = [one for one in self._page.iterfind(".//a") if words in {_words(one), one.get("aria-label")}]
        self.open(urljoin(self.path, link.get("href")))

    def links(self):
        return [_words(one) for one in self._page.iterfind(".//main//a")]

    def value(self, label):
        field = self._field(label)
        return field.text.strip() if field.tag == "textarea" else field.get("value")

    def fill(self, label, value):
        self._field(label).set("value", value)

    def choose(self, label, option):
        [wanted] = [one for one in self._field(label).iter("option") if _words(one) == option]
        for one in self._field(label).iter("option"):
            one.attrib.pop("selected", None)
        wanted.set("selected", "selected")

    def chosen(self, label):
        return _words(next(one for one in self._field(label).iter("option") if "selected" in one.attrib))

    def tick(self, label, *, on=True):
        field = self._field(label)
        if field.get("type") == "radio":
            for one in field.getroottree().iterfind(f".//input[@name='{field.get('name')}']"):
                one.attrib.pop("checked", None)
        field.attrib.pop("checked", None)
        if on:
            field.set("checked", "checked")

    def is_ticked(self, label):
        return "checked" in self._field(label).attrib

    def attach(self, label, octets):
        self._file = (self._field(label).get("name"), octets)

    def press(self, words):
        """Press the one button with these words, or with this name for screen readers, that screen readers see."""
        [button] = [
            one
            for one in self._page.iter("button")
            if words in {_words(one), one.get("aria-label")} and one.get("aria-hidden") != "true"
        ]
        self._send(self._form_of(button), button=button)

    def press_return(self, label):
        """Press Return in a field: the first button of its form is pressed, as browsers do it."""
        form = self._form_of(self._field(label))
        self._send(form, button=next(form.iter("button")))

    def _form_of(self, element):
        if element.get("form"):
            return self._page.get_element_by_id(element.get("form"))
        return next(element.iterancestors("form"))

    def _send(self, form, *, button):
        fields = [pair for one in form.iter("input", "select", "textarea") for pair in self._pairs(one)]
        if button.get("name"):
            fields.append((button.get("name"), button.get("value")))
        url = urljoin(str(self.response.url), form.get("action") or self.path)
        if form.get("method") != "post":
            self.open(urlsplit(url).path, **dict(fields))
        elif form.get("enctype") == "multipart/form-data":
            name, octets = self._file or ("logo", b"")
            files = {name: ("logo.png", octets)}
            self._read(self.client.post(url, data=dict(fields), files=files, headers={"Origin": self.base_url}))
        else:
            grouped: dict[str, list[str]] = {}
            for name, value in fields:
                grouped.setdefault(name, []).append(value)
            self._read(self.client.post(url, data=grouped, headers={"Origin": self.base_url}))

    def _pairs(self, field):
        kind = field.get("type")
        if not field.get("name") or kind == "file" or (kind in {"checkbox", "radio"} and "checked" not in field.attrib):
            return []
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = next((one for one in options if "selected" in one.attrib), options[0])
            return [(field.get("name"), chosen.get("value", _words(chosen)))]
        written = field.text if field.tag == "textarea" and "value" not in field.attrib else field.get("value")
        return [(field.get("name"), written or "")]

    def _field(self, label):
        """The field with exactly this label, or else the one whose label begins so; `1: Name` is inside group 1."""
        number, _, own = label.partition(": ")
        scope = self._page if not own else self._page.findall(".//fieldset[@class='row']")[int(number) - 1]
        wanted = own or label
        labels = list(scope.iter("label"))
        named = [one for one in labels if _words(one) == wanted] or [
            one for one in labels if _words(one).startswith(wanted)
        ]
        [found] = named
        return self._page.get_element_by_id(found.get("for"))

    def _read(self, response):
        self.response = response
        self._file = None
        if response.headers.get("content-type", "").startswith("text/html"):
            self._page = html.document_fromstring(response.text)
