"""HTTP. Parse, call one service, render.

`routes.py` holds every address; `app.py` turns a request into an `Incoming` and a handler's answer into bytes. A
handler is a plain function of `Incoming` and `Services` that returns a value of `responses.py`. This folder never sees
the store or the network, and holds no words of refusals: those are in `problems`.
"""

from ostiary.web.app import Rim, build_app

__all__ = ["Rim", "build_app"]
