"""The portal as one process, with Dagster behind it if its address is set.

Belongs here: serving it. Never here: what it shows (portal/), and the other processes (server.py).
"""

import os
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bottleneck_assets.defs.standing import end_with
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.portal.application import application
from bottleneck_assets.settings import Settings, load_settings
from bottleneck_assets.web.protection import refuse_unprotected

CONNECTIONS = 600
"""More are answered with 503: each may hold a file open."""
IDLE_SECONDS = 15
OPEN_FILES = 65_536


def serve(settings: Settings) -> None:
    """Serve the portal until the process is told to stop. Raises SettingsError if it would be open to other machines."""
    refuse_unprotected(settings)
    workflow: Any = None
    if settings.dagster_url:
        from bottleneck_assets.defs.workflow import DagsterWorkflow

        workflow = DagsterWorkflow(settings.dagster_url, settings)
    _allow_open_files()
    end_with()
    uvicorn.run(
        application(settings, workflow),
        host=settings.portal_host,
        port=settings.portal_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        http=_Http,  # httptools reads headers without end, and nothing else meanwhile
        loop="asyncio",  # uvloop raises where something is sent to one who has just left
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=IDLE_SECONDS,
        proxy_headers=bool(settings.proxies),  # else anybody on this machine could say who they are, and guess without end
        forwarded_allow_ips=settings.proxies,
    )


class _Http(H11Protocol):
    """One connection. Where a request turns out to be no HTTP once it was begun, uvicorn would answer twice, and log a traceback."""

    def send_400_response(self, msg: str) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # what the application says from here on goes nowhere
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        super().send_400_response(msg)


def _allow_open_files() -> None:
    """Take as many open files as the system lets this process have; what a ZIP is made of is open all the while."""
    if os.name == "posix":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        soft = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)  # macOS refuses more, and may name no limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


if __name__ == "__main__":
    try:
        serve(load_settings())
    except BottleneckError as error:
        sys.exit(str(error))
