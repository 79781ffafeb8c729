"""Dagster's UI as one process, behind a guard that keeps foreign pages out.

Belongs here: serving it. Never here: what is foreign (web/same_origin.py), and the other processes (server.py).
"""

import sys
from typing import get_args
from urllib.parse import urlsplit

import dagster as dg
import uvicorn
from dagster_webserver.app import create_app_from_workspace_process_context

from bottleneck_assets.defs._dagster_private_storage import WorkspaceFileTarget, WorkspaceProcessContext
from bottleneck_assets.defs.instance import HOST, Webserver, workspace_file
from bottleneck_assets.defs.standing import end_with, home_is_gone
from bottleneck_assets.settings import Settings, load_settings
from bottleneck_assets.web.same_origin import SameOriginOnly

STATEMENT_MILLISECONDS, RECYCLE_SECONDS, MORE_CONNECTIONS = 15_000, 3_600, 20
"""What `dagster-webserver` takes where nothing else is said."""


def serve(webserver: Webserver, settings: Settings) -> None:
    """Serve the UI, or the viewer's, which changes nothing, until the process is told to stop."""
    port, url = {"ui": (settings.port, settings.ui_url), "viewer": (settings.viewer_port, settings.viewer_url)}[webserver]
    end_with(home_is_gone(settings.dagster_home.resolve()))
    hosts = [f"{HOST}:{port}", f"localhost:{port}", *([urlsplit(url).netloc] if url else [])]
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, WorkspaceFileTarget([str(workspace_file(settings))]), version=dg.__version__, read_only=webserver == "viewer"
        ) as context,
    ):
        instance.optimize_for_webserver(STATEMENT_MILLISECONDS, RECYCLE_SECONDS, MORE_CONNECTIONS)
        application = create_app_from_workspace_process_context(context)
        guarded = SameOriginOnly(application, hosts, setting=f"BOTTLENECK_{webserver.upper()}_URL")
        # httptools takes headers without end
        uvicorn.run(guarded, host=HOST, port=port, log_level="warning", http="h11", proxy_headers=False)


if __name__ == "__main__":
    (chosen,) = (webserver for webserver in get_args(Webserver) if [webserver] == sys.argv[1:])
    serve(chosen, load_settings())
