"""What a load balancer asks."""

from ostiary.services import Services
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Json


def healthz(_incoming: Incoming, _services: Services) -> Answer:
    """The process answers. Says nothing of the store."""
    return Json(content={"status": "ok"})


def readyz(_incoming: Incoming, services: Services) -> Answer:
    """The store answers too; 503 when it does not."""
    is_ready = services.is_ready()
    return Json(content={"status": "ready" if is_ready else "storage does not answer"}, status=200 if is_ready else 503)
