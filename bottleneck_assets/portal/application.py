"""The portal: the newest release to look at and to download, where its figures come from, how it came about, and a button for the next.

Belongs here: addresses, and what is shown or done at each. Never here: how a page looks (pages/), reading a release (release/), who is
let in (web/), Dagster (defs/workflow.py).
"""

from __future__ import annotations

import datetime as dt
import errno
import mimetypes
import tempfile
import threading
import time
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from itertools import chain, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import anyio
from anyio import to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bottleneck_assets import wording
from bottleneck_assets.documents.catalog import ACCESS_REPORT, DOCUMENTS, ON_REQUEST
from bottleneck_assets.engine.parquet_files import TooLittleMemoryError
from bottleneck_assets.errors import BottleneckError, remedy_for
from bottleneck_assets.models.catalog import models
from bottleneck_assets.portal import drop_folder, product_page, rows, uploads
from bottleneck_assets.portal.delivery import PIECE, Streamed, archive, headers_only, is_known, not_modified, pieces_of, validators
from bottleneck_assets.portal.language import COOKIE as LANGUAGE
from bottleneck_assets.portal.language import COOKIE_SECONDS, Language, as_it_is, chosen, holds, plain
from bottleneck_assets.portal.lineage import ROOT, Lineage
from bottleneck_assets.portal.notices import NEWER, Notice, of_exports, of_quarantine, of_runs, unheard
from bottleneck_assets.release import product as of_product
from bottleneck_assets.release.changes import Changes, changed_cells, changes_between, write_changes
from bottleneck_assets.release.data_contract import ABOUT_DATA_CONTRACT, DATA_CONTRACT
from bottleneck_assets.release.dictionary import DICTIONARY, PARQUET, DescribedColumn, parquet_of
from bottleneck_assets.release.lineage import ABOUT_LINEAGE, LINEAGE, installed, read_lineage
from bottleneck_assets.release.listed import listed
from bottleneck_assets.release.manifest import MANIFEST, DamagedError, GoneError, ReleasedFile
from bottleneck_assets.release.product import product, sold_products
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.release.release import ATTEMPTS, ChangedError, Release, damaged, named, newest, of_run, released
from bottleneck_assets.render.sheets import excel
from bottleneck_assets.render.web.page import FILE as DASHBOARD
from bottleneck_assets.render.web.page import hosted
from bottleneck_assets.settings import LATEST
from bottleneck_assets.source.exports import EXPORT_SUFFIXES, TRIED, look
from bottleneck_assets.web.protection import COOKIE, TOKEN_SECONDS, PasswordOnly, Tokens, hosts_of
from bottleneck_assets.web.same_origin import SameOriginOnly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from bottleneck_assets.portal.workflow import Progress, Run, Workflow
    from bottleneck_assets.release.product import Product
    from bottleneck_assets.settings import Settings
    from bottleneck_assets.web.same_origin import Application

VERSION = version("bottleneck-assets")
PAGES = Path(__file__).parent / "pages"
CONVERSIONS_AT_ONCE, ARCHIVES_AT_ONCE, UPLOADS_AT_ONCE, QUESTIONS_AT_ONCE = 2, 8, 2, 4
COMPARISONS_AT_ONCE, COMPARISONS_KEPT = 2, 8
LINEAGES_KEPT = 4
DRAWINGS_AT_ONCE, DRAWINGS_WAITING, DRAWINGS_KEPT = 1, 16, 64
LISTINGS_AT_ONCE, LISTINGS_WAITING = 2, 16
CONVERSIONS_WAITING = 4
"""More are refused: who asked for them may have left, and they would be made all the same."""
UPLOAD_SECONDS, QUESTION_SECONDS, CLICK_SECONDS = 1800, 10, 5
"""How long an upload may take, a question to the workflow, and a click for the one before it to have its run."""
SUFFIXES = sorted(EXPORT_SUFFIXES)
HEALTH_SECONDS = 5
"""How long an answer about the workflow's health is given again."""
ROWS_SHOWN, RUNS_SHOWN, LONGEST_SOUGHT, LONGEST_SKU = 50, 15, 100, 19
QUALITY_REPORT = "report/data_quality.html"
FRENCH, FRENCH_WORKBOOK, WORKBOOK = ".fr.csv", ".fr.xlsx", ".xlsx"
"""Endings that are added to the name of a CSV, in place of `.csv`: for French Excel, and as a workbook, in French words or as it is."""
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
    ".zip": "application/zip",
}
OPENED_IN_PLACE = {".html", ".pdf", ".json", ".svg", ".png", ".md"}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
DOCUMENT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""A document of a release brings its scripts and styles with it; it asks nobody for anything."""
DESCRIPTIONS = {
    DICTIONARY: "Every column of every file: its type, unit, description and formula.",
    DATA_CONTRACT: ABOUT_DATA_CONTRACT,
    LINEAGE: ABOUT_LINEAGE,
    **{file: document.about_file(file) for document in (*DOCUMENTS, *ON_REQUEST) for file in document.files},
}
_SECTIONS = ("", "dashboard", "report", "tableau", "kpis", "recommendations", "tables", "quality", "facts")


Answer = TypeVar("Answer")
Key = TypeVar("Key")


class BusyError(BottleneckError):
    """More is asked at once than is answered; later it will be."""


def application(settings: Settings, workflow: Workflow | None) -> Application:
    """Return the portal behind its guards. Without a workflow it shows and serves, and starts nothing."""
    portal = _Portal(settings, workflow)
    uploads.sweep(settings.exports_dir)
    app: Any = Starlette(routes=portal.routes(), exception_handlers=portal.failures())
    app.router.redirect_slashes = False
    if settings.portal_password:
        app = PasswordOnly(app, settings.portal_password.get_secret_value())
    return SameOriginOnly(app, hosts_of(settings), setting="BOTTLENECK_PORTAL_URL", posts="forms")


STATUSES: Mapping[type[Exception], int] = {
    uploads.TooLargeError: 413,
    rows.AskedWronglyError: 400,
    BusyError: 503,
    DamagedError: 503,
    ChangedError: 404,
    TooLittleMemoryError: 503,
}
"""What the refusals say in HTTP's words; the others: 409."""

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class _Portal:
    def __init__(self, settings: Settings, workflow: Workflow | None) -> None:
        self.settings, self.workflow, self.tokens = settings, workflow, Tokens()
        self.extracts = settings.extracts_dir
        self.languages = {name: Language(name, ZoneInfo(settings.time_zone)) for name in wording.LANGUAGES}
        self.converting = anyio.Semaphore(CONVERSIONS_AT_ONCE)
        self.archiving = anyio.Semaphore(ARCHIVES_AT_ONCE)
        self.uploading = anyio.Semaphore(UPLOADS_AT_ONCE)
        self.asking, self.askers = threading.BoundedSemaphore(QUESTIONS_AT_ONCE), anyio.CapacityLimiter(QUESTIONS_AT_ONCE)
        self.comparing = anyio.Semaphore(COMPARISONS_AT_ONCE)
        self.compared = dict[tuple[str, str], Changes]()
        self.listing = anyio.Semaphore(LISTINGS_AT_ONCE)
        self.drawing = anyio.Semaphore(DRAWINGS_AT_ONCE)
        self.drawn = dict[tuple[str, int, str], product_page.Shown]()
        self.lineages = dict[tuple[str, str], Lineage]()  # by the address and the name of a release; that of the installed code by no name
        self.looking = anyio.Lock()
        self.looked_at: tuple[float, Mapping[str, str]] | None = None
        self.noticing = anyio.Lock()
        self.noticed: tuple[float, Mapping[str, Any]] | None = None
        self.launching, self.launcher = anyio.Lock(), anyio.CapacityLimiter(1)
        self.is_https = (settings.portal_url or "").startswith("https://")
        self.pages = {name: _environment(language) for name, language in self.languages.items()}

    def routes(self) -> list[Route]:
        """Return what is at each address."""
        return [
            Route("/", self.home),
            Route("/products", self.products),
            Route("/product/{sku}.csv", self.product_csv),
            Route("/product/{sku}", self.product),
            Route("/changes", self.changes),
            Route("/changes.csv", self.changes_csv),
            Route("/downloads", self.downloads),
            Route("/releases/{release}", self.downloads),
            Route("/extracts/{release}.zip", self.archive),
            Route("/extracts/{release}/{path:path}", self.file),
            *(
                Route(f"{root}{below}", page)
                for root in (ROOT, f"/releases/{{release}}{ROOT}")
                for below, page in (
                    ("", self.lineage),
                    ("/{table}", self.lineage_of_table),
                    ("/{table}/{column}", self.lineage_of_column),
                )
            ),
            Route("/status", self.status),
            Route("/checks", self.checks),
            Route("/exports", self.exports),
            Route("/exports", self.upload, methods=["POST"]),
            Route("/exports/remove", self.remove, methods=["POST"]),
            Route("/refresh", self.refresh, methods=["POST"]),
            Route("/refresh/{run}.json", self.progress),
            Route("/refresh/{run}", self.refreshing),
            Route("/api/rows/{tab}", self.rows),
            Route("/notices.json", self.notices),
            Route("/healthz", self.health),
            Route("/static/{name}", self.static),
        ]

    def failures(self) -> Mapping[Any, Callable[[Request, Exception], Response]]:
        """Return what is answered when something goes wrong."""
        return {
            GoneError: self.gone,
            BottleneckError: self.refused,
            HTTPException: self.not_here,
            OSError: self.lacking,
            ClientDisconnect: self.left,
        }

    # ---- pages

    def home(self, request: Request) -> Response:
        """Show the dashboard of the newest release, or, where it has none, its figures."""
        release, flaws = self._latest(), list[str]()
        if release is None:
            return self._page(request, "empty.html", "dashboard")
        if DASHBOARD in release.files:
            return self._dashboard(request, release)
        headline = _readable(lambda: release.rows("kpis/headline.csv"), [], flaws)
        return self._page(request, "home.html", "dashboard", release=release, headline=headline, flaws=flaws)

    def _dashboard(self, request: Request, release: Release) -> Response:
        """Send the dashboard of a release with the portal's bar in its header; one that is made otherwise as it lies there."""
        file, address = release.open(release.files[DASHBOARD]), f"/extracts/{quote(release.name)}"
        cookie, token = self.tokens.issue(request.cookies.get(COOKIE))
        shown: dict[str, Any] = {
            "release": release,
            "in_other_language": "",
        }  # the dashboard has a switch of its own, which the bar follows
        bars = (self._rendered(request, name, "bar.html", "dashboard", token, **shown) for name in wording.LANGUAGES)
        head, notices = (
            self._rendered(request, chosen(request), part, "dashboard", token, **shown) for part in ("head.html", "notices.html")
        )
        bar = "".join((*bars, notices))
        if (page := hosted(file.read(PIECE), address, self.settings.time_zone, head, bar)) is None:
            file.close()
            return RedirectResponse(f"{address}/{DASHBOARD}")
        opening, policy = page
        headers = {"content-type": TYPES[".html"], "content-security-policy": policy, "cache-control": "no-store"}
        return self._with_cookie(Streamed(chain((opening,), pieces_of(file)), file.close, headers), cookie)

    async def changes(self, request: Request) -> Response:
        """Show what changed between two releases, by default the newest and the one before; of one table, if one is named, cell by cell."""
        pair = await to_thread.run_sync(self._two_releases, request)
        if pair is None:
            return await to_thread.run_sync(lambda: self._page(request, "empty.html", "changes"))
        shown: dict[str, Any] = {"releases": await to_thread.run_sync(released, self.extracts), "before": pair[0], "after": pair[1]}
        table, limit = request.query_params.get("table", ""), self.settings.memory_limit
        if pair[0].name == pair[1].name:
            shown |= {"found": None}
        elif table:
            if table not in published_models():
                raise GoneError(table)
            cells = await self._compared(lambda: changed_cells(*pair, table, at_most=ROWS_SHOWN, memory_limit=limit))
            shown |= {"found": None, "cells": cells, "table": table, "table_ref": published_models()[table].ref}
        else:
            shown |= {"found": await self._changes(*pair)}
        release = await to_thread.run_sync(self._newest)
        return self._page(request, "changes.html", "changes", **{"release": release, "cells": None, "table": "", **shown})

    async def changes_csv(self, request: Request) -> Response:
        """Send every change between two releases as CSV."""
        pair = await to_thread.run_sync(self._two_releases, request)
        if pair is None:
            raise GoneError(LATEST)
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            name = f"changes {pair[0].name} {pair[1].name}.csv"
            limit = self.settings.memory_limit
            await self._compared(lambda: write_changes(*pair, folder / name, memory_limit=limit))
            file = opened.enter_context((folder / name).open("rb"))
            headers = {**_named_as(name, TYPES[".csv"]), "content-length": str(_length(file)), "cache-control": "no-store"}
            return Streamed(pieces_of(file), opened.pop_all().close, headers)

    def _two_releases(self, request: Request) -> tuple[Release, Release] | None:
        """Return the releases that the address names; without a later one the newest, without an earlier one the one before it.

        It is the same twice where there is only one; None where there is none.
        """
        before, after = request.query_params.get("before", ""), request.query_params.get("after", "")
        later = named(self.extracts, after) if after else self._latest()
        if later is None:
            return None
        older = (release for release in released(self.extracts) if release.name < later.name)
        return (named(self.extracts, before) if before else next(older, later)), later

    async def _changes(self, earlier: Release, later: Release) -> Changes:
        """Return what changed between two releases, which never change: it is found out once."""
        key = (earlier.name, later.name)
        if (known := self.compared.get(key)) is not None:
            return known
        compare = partial(changes_between, earlier, later, at_most=ROWS_SHOWN, memory_limit=self.settings.memory_limit)
        return _keep(self.compared, key, await self._compared(compare), COMPARISONS_KEPT)

    async def _compared(self, compare: Callable[[], Answer]) -> Answer:
        try:
            self.comparing.acquire_nowait()
        except anyio.WouldBlock:
            message = "Releases are being compared for others."
            raise HTTPException(503, message, {"retry-after": "5"}) from None
        try:
            return await to_thread.run_sync(compare)
        finally:
            self.comparing.release()

    def products(self, request: Request) -> Response:
        """Show the products in whose name or number every word stands that is sought; lead to the one whose number it is."""
        if (release := self._latest()) is None:
            return self._page(request, "empty.html", "products")
        sought = request.query_params.get("q", "")[:LONGEST_SOUGHT].strip()
        if (number := _sku(sought)) is not None and product(release, number):
            return RedirectResponse(f"/product/{number}", 303)
        return self._products(request, release, sought)

    def _products(self, request: Request, release: Release, sought: str, *, not_found: str = "") -> Response:
        found = [] if not_found else product_page.matching(sold_products(release), sought)
        shown: dict[str, Any] = {"sought": sought, "not_found": not_found, "found": found, "most_found": ROWS_SHOWN}
        return self._page(request, "products.html", "products", release=release, sale_prices=_sale_prices(release), **shown)

    async def product(self, request: Request) -> Response:
        """Show what the newest release says of a product."""
        release, found = await to_thread.run_sync(self._product, request)
        if release is None:
            return await to_thread.run_sync(lambda: self._page(request, "empty.html", "products"))
        if found is None:
            sought = request.path_params["sku"][:LONGEST_SOUGHT]
            response = await to_thread.run_sync(lambda: self._products(request, release, "", not_found=sought))
            response.status_code = 404
            return response
        language, sale_prices = self._language(request), _sale_prices(release)
        shown = await self._shown(release, found, language)
        about = {
            "product": found,
            "shown": shown,
            "sale_prices": sale_prices,
            "price_labels": product_page.price_labels(language, sale_prices),
            "reasons": product_page.REASONS,
            "on_dashboard": f"/#overview?sku={found.sku}" if DASHBOARD in release.files and found.page else "",
            "read_from": of_product.READ_FROM,
            "address": f"/extracts/{release.name}",
        }
        return await to_thread.run_sync(lambda: self._page(request, "product.html", "products", release=release, **about))

    async def _shown(self, release: Release, found: Product, language: Language) -> product_page.Shown:
        """Return what the page of a product shows, which is drawn once for as long as it is kept."""
        key = (release.name, found.sku, language.name)
        if (known := self.drawn.get(key)) is not None:
            return known
        if self.drawing.statistics().tasks_waiting >= DRAWINGS_WAITING:
            message = "Too many charts are being drawn."
            raise HTTPException(503, message, {"retry-after": "5"})
        async with self.drawing:
            drawn = await to_thread.run_sync(product_page.shown, found, language, _sale_prices(release))
        return _keep(self.drawn, key, drawn, DRAWINGS_KEPT)

    async def product_csv(self, request: Request) -> Response:
        """Send the months of a product as CSV, or, named `.fr.csv`, as French Excel reads it."""
        release, found = await to_thread.run_sync(self._product, request)
        if release is None or found is None:
            raise GoneError(request.path_params["sku"])
        content, is_french = found.as_csv(), request.path_params["sku"].endswith(".fr")
        if is_french:
            described = {column.name: column for path in of_product.MONTHLY for column in release.dictionary.get(path, ())}
            columns = [described.get(name, DescribedColumn(name, "varchar", "", "", "")) for name in of_product.COLUMNS]
            content = b"".join(excel.french_csv(BytesIO(content), columns, _sale_prices(release)))
        name = f"product {found.sku}{FRENCH if is_french else '.csv'}"
        return Response(content, headers={**_named_as(name, TYPES[".csv"]), "cache-control": "no-store"})

    def _product(self, request: Request) -> tuple[Release | None, Product | None]:
        """Return the newest release, if there is one, and the product of it that the address names, if it has that."""
        release, number = self._latest(), _sku(request.path_params["sku"].removesuffix(".fr"))
        return release, product(release, number) if release and number is not None else None

    def downloads(self, request: Request) -> Response:
        """Show every file of a release, the newest unless one is named, and what other releases there are."""
        name = request.path_params.get("release")
        release, flaws = named(self.extracts, name) if name else self._latest(), list[str]()
        if release is None:
            return self._page(request, "empty.html", "downloads")
        columns = _readable(lambda: release.dictionary, {}, flaws)
        address, sought = f"/extracts/{release.name if name else LATEST}", request.query_params.get("q", "")[:LONGEST_SOUGHT]
        sections = _sections(release, columns, self._language(request))
        return self._page(
            request,
            "downloads.html",
            "downloads",
            release=release,
            is_older=name is not None,
            address=address,
            lineage_root=f"/releases/{quote(name)}{ROOT}" if name else ROOT,
            sections=[
                (folder, kept)
                for folder, files in sections
                if (kept := [one for one in files if _is_sought(one, sought, self._language(request))])
            ],
            sought=sought,
            flaws=flaws,
            others=[other for other in released(self.extracts) if other.name != release.name],
            too_long=[file.path for file in release.files.values() if (file.rows or 0) >= excel.EXCEL_ROWS],
        )

    def lineage(self, request: Request) -> Response:
        """Show the graph of tables, of the newest release unless one is named."""
        lineage, common = self._lineage(request)
        sought = request.query_params.get("q", "")[:LONGEST_SOUGHT]
        found = lineage.matching(sought, self._language(request)) if sought.strip() else []
        shown = {
            "sought": sought,
            "found": found,
            "most_found": ROWS_SHOWN,
            "marked": {"/".join(address.split("/")[: lineage.root.count("/") + 2]) for address, *_ in found},
        }
        return self._page(request, "lineage.html", "lineage", drawing=lineage.all_tables(), table=None, **common, **shown)

    def lineage_of_table(self, request: Request) -> Response:
        """Show what a table is made from, and its columns."""
        lineage, common = self._lineage(request)
        table, release = request.path_params["table"], common["release"]
        shown_by = [file for file in release.files.values() if file.table == table] if release else []
        about = {"model": lineage.table(table), "columns": lineage.columns(table), "shown_by": shown_by}
        return self._page(request, "lineage.html", "lineage", drawing=lineage.of_table(table), table=table, **common, **about)

    def lineage_of_column(self, request: Request) -> Response:
        """Show where a column comes from, back to the export."""
        lineage, common = self._lineage(request)
        table, column = request.path_params["table"], request.path_params["column"]
        return self._page(request, "column.html", "lineage", table=table, found=lineage.of_column(table, column), **common)

    def _lineage(self, request: Request) -> tuple[Lineage, dict[str, Any]]:
        """Return where the tables of a release come from, and what every page about that shows.

        Of a release that does not say, or where there is none, they are those of the installed code.
        """
        name, flaws = request.path_params.get("release"), list[str]()
        release, root = (named(self.extracts, name), f"/releases/{quote(name)}{ROOT}") if name else (self._newest(), ROOT)
        common = {"release": release, "is_older": name is not None, "root": root, "flaws": flaws}
        if release and (known := self.lineages.get((root, release.name))) is not None:
            return known, common
        if release and (tables := _readable(lambda: read_lineage(release), None, flaws)) is not None:
            return _keep(self.lineages, (root, release.name), Lineage(tables, root), LINEAGES_KEPT), common
        if release and not flaws:
            flaws.append("This release does not say where its tables come from: this is how the installed version makes them.")
        if (known := self.lineages.get((root, ""))) is not None:
            return known, common
        return _keep(self.lineages, (root, ""), Lineage(installed(), root), LINEAGES_KEPT), common

    async def status(self, request: Request) -> Response:
        """Show the last runs, what the checks said, and what was quarantined."""
        runs: Sequence[Run] = []
        unheard = ""
        if self.workflow:
            try:
                runs = await self._asked(lambda workflow: workflow.last_runs(RUNS_SHOWN))
            except BottleneckError as error:
                unheard = str(error)
        return await to_thread.run_sync(self._status, request, runs, unheard)

    def _status(self, request: Request, runs: Sequence[Run], unheard: str) -> Response:
        flaws = [*self._unusable(), *(str(flaw) for flaw in damaged(self.extracts))]
        try:
            release = self._latest()
        except DamagedError as error:
            release, flaws = None, list(dict.fromkeys([str(error), *flaws]))
        if release is None:
            return self._page(request, "status.html", "status", release=None, runs=runs, unheard=unheard, flaws=flaws)
        quarantined = release.files.get("quality/quarantine.csv")
        found = {
            "quarantine": _readable(lambda: release.rows("quality/quarantine.csv", ROWS_SHOWN), None, flaws),
            "quarantined": (quarantined.rows or 0) if quarantined else 0,
            "accounting": _readable(lambda: release.rows("quality/row_accounting.csv"), [], flaws),
            "failed": [check for check in release.manifest.checks if not check.passed],
        }
        return self._page(request, "status.html", "status", release=release, runs=runs, unheard=unheard, flaws=flaws, **found)

    def checks(self, request: Request) -> Response:
        """Show what every check of the newest release said: first those that found something, then the others that say what they saw."""
        if (release := self._latest()) is None:
            return self._page(request, "empty.html", "status")
        told = [check for check in release.manifest.checks if not check.passed or check.found]
        shown = {"checks": sorted(told, key=lambda check: check.passed), "kept": len(release.manifest.checks) - len(told)}
        return self._page(request, "checks.html", "status", release=release, **shown)

    def _unusable(self) -> list[str]:
        """Say which exports are newer than the one that a refresh reads next, and why it does not read them."""
        if self.workflow is None:
            return []
        listed = drop_folder.listed(self.settings.exports_dir, None, dt.datetime.now(dt.UTC), TRIED)
        newer = takewhile(lambda one: not one.is_usable, listed)
        return [f"{one.name} in the drop folder is not read: {one.state}" for one in newer]

    def exports(self, request: Request) -> Response:
        """Show the drop folder, with what is to be said of each file, and where to drop an export."""
        self._with_workflow()
        release = self._newest()
        published = release.manifest.export.sha256 if release else None
        found = drop_folder.listed(self.settings.exports_dir, published, dt.datetime.now(dt.UTC), ROWS_SHOWN)
        return self._page(request, "exports.html", "exports", release=release, found=found, took=None, suffixes=SUFFIXES)

    async def refreshing(self, request: Request) -> Response:
        """Show how far a refresh is, and, once it is over, the new figures."""
        return await to_thread.run_sync(self._refreshing, request, await self._progress(request))

    def _refreshing(self, request: Request, progress: Progress) -> Response:
        made = of_run(self.extracts, progress.run.id)
        flaws = list[str]()
        headline = _readable(lambda: made.rows("kpis/headline.csv"), [], flaws) if made else []
        shown: dict[str, Any] = {"progress": progress, "made": made, "headline": headline, "flaws": flaws}
        return self._page(request, "refresh.html", "refresh", release=self._newest(), **shown)

    # ---- files

    async def file(self, request: Request) -> Response:
        """Send a file of a release, or a CSV of it in another form."""
        which, path = request.path_params["release"], request.path_params["path"]
        for _ in range(ATTEMPTS):
            release = await to_thread.run_sync(self._find, which)
            try:
                return await self._send(request, release, path, stable=which != LATEST)
            except GoneError:
                if which != LATEST or (path != MANIFEST and _listed(release, path) is None):
                    raise
        raise GoneError(path)

    async def archive(self, request: Request) -> Response:
        """Send a release as one ZIP."""
        which = request.path_params["release"]
        for _ in range(ATTEMPTS if which == LATEST else 1):
            release = await to_thread.run_sync(self._find, which)
            try:
                return await self._zipped(request, release, stable=which != LATEST)
            except GoneError:
                continue
        raise GoneError(which)

    async def _zipped(self, request: Request, release: Release, *, stable: bool) -> Response:
        manifest = await to_thread.run_sync(release.manifest_bytes)
        headers = {
            **validators(f'W/"{sha256(manifest).hexdigest()}-zip"', release.manifest.published_at, stable=stable),
            **_named_as(f"{release.name}.zip", TYPES[".zip"]),
        }
        if is_known(request, headers):
            return not_modified(headers)
        if request.method == "HEAD":
            return headers_only(headers)
        try:
            self.archiving.acquire_nowait()
        except anyio.WouldBlock:
            message = "Too many releases are being sent as a ZIP."
            raise HTTPException(503, message, {"retry-after": "5"}) from None
        with ExitStack() as opened:
            opened.callback(self.archiving.release)
            files = {file.path: opened.enter_context(release.open(file)) for file in release.files.values()}
            closing = opened.pop_all()
        return Streamed(archive(release.name, manifest, files), closing.close, headers)

    async def _send(self, request: Request, release: Release, path: str, *, stable: bool) -> Response:
        if path == MANIFEST:
            content = await to_thread.run_sync(release.manifest_bytes)
            headers = {
                **validators(f'"{sha256(content).hexdigest()}"', release.manifest.published_at, stable=stable),
                **_named_as(path, TYPES[".json"]),
            }
            return not_modified(headers) if is_known(request, headers) else Response(content, headers=headers)
        if (found := _listed(release, path)) is None:
            raise GoneError(path)
        file, form = found
        tag = f'"{file.sha256}"' if form is None else f'W/"{_made_from(release, file)}{form}"'
        kept = stable and form is None  # another version of the portal may make another workbook of the same file
        headers = {**validators(tag, release.manifest.published_at, stable=kept), **_named_as(path.rpartition("/")[2], _type_of(path))}
        if is_known(request, headers):
            return not_modified(headers)
        if form in {WORKBOOK, FRENCH_WORKBOOK}:
            excel.refuse_too_long(file.path, file.rows)
        if form is None:
            headers["content-length"] = str(file.bytes)
        if request.method == "HEAD":
            return headers_only(headers)
        opened = await to_thread.run_sync(release.open, file)
        if form is None:
            return Streamed(pieces_of(opened), opened.close, headers)
        columns = await to_thread.run_sync(lambda: release.dictionary.get(file.path, ()))
        sale_prices = _sale_prices(release)
        if form == FRENCH:
            return Streamed(excel.french_csv(opened, columns, sale_prices), opened.close, headers)
        with opened:
            if self.converting.statistics().tasks_waiting >= CONVERSIONS_WAITING:
                message = "Too many workbooks are being made."
                raise HTTPException(503, message, {"retry-after": "10"})
            async with self.converting:
                source = excel.Source(
                    file.name.removesuffix(".csv"), file.rows, release.manifest.published_at, sale_prices, form == FRENCH_WORKBOOK
                )
                book = await to_thread.run_sync(excel.workbook, opened, source, columns)
        headers["content-length"] = str(await to_thread.run_sync(_length, book))
        return Streamed(pieces_of(book), book.close, headers)

    # ---- what changes something

    async def upload(self, request: Request) -> Response:
        """Take an export into the drop folder."""
        self._with_workflow()
        most = self.settings.upload_mb * 1_000_000
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise uploads.too_large(most)
        try:
            self.uploading.acquire_nowait()
        except anyio.WouldBlock:
            message = "Others are sending an export."
            raise HTTPException(503, message, {"retry-after": "5"}) from None
        try:
            limited = type(request)(request.scope, uploads.limited(request.receive, most))
            with anyio.fail_after(UPLOAD_SECONDS):
                async with limited.form(max_files=1, max_fields=4) as form:
                    self._check_token(request, form.get("token"))
                    file = form.get("export")
                    if not isinstance(file, UploadFile) or not file.filename:
                        message = "No file was chosen."
                        raise HTTPException(400, message)
                    taken = await to_thread.run_sync(uploads.take, file.file, file.filename, self.settings.exports_dir)
        except TimeoutError:
            message = "It took too long to arrive."
            raise HTTPException(408, message) from None
        finally:
            self.uploading.release()
        return await to_thread.run_sync(
            lambda: self._page(request, "exports.html", "exports", release=self._newest(), found=[], took=taken.name, suffixes=SUFFIXES)
        )

    async def refresh(self, request: Request) -> Response:
        """Start a refresh, of the export that the form names if it does, or join the one that is under way, and lead to its progress."""
        workflow, export = self._with_workflow(), await self._export_in_form(request)
        with anyio.move_on_after(CLICK_SECONDS) as waiting:
            await self.launching.acquire()  # the second of two clicks finds the run of the first
        if waiting.cancelled_caught:
            problem = "Another refresh is being asked for, and Dagster has not answered yet."
            raise BusyError(problem, "Look at Status in a minute, and press Refresh again if none runs.")
        try:
            run = await to_thread.run_sync(workflow.refresh, export, limiter=self.launcher)
        finally:
            self.launching.release()
        return RedirectResponse(f"/refresh/{quote(run)}", 303)

    async def remove(self, request: Request) -> Response:
        """Take a file out of the drop folder, and show what is there now."""
        self._with_workflow()
        if name := await self._export_in_form(request):
            await to_thread.run_sync(drop_folder.remove, self.settings.exports_dir, name)
        return RedirectResponse("/exports", 303)

    async def _export_in_form(self, request: Request) -> str | None:
        """Check a form's token, and return the file of the drop folder that it names, if it does."""
        limited = type(request)(request.scope, uploads.limited(request.receive, 10_000))
        async with limited.form(max_files=0, max_fields=4) as form:
            self._check_token(request, form.get("token"))
            name = form.get("export")
        if name is None:
            return None
        if not isinstance(name, str) or name not in {one.name for one in look(self.settings.exports_dir)}:
            message = "There is no such file in the drop folder."
            raise HTTPException(404, message)
        return name

    def _check_token(self, request: Request, token: object) -> None:
        if not self.tokens.is_good(request.cookies.get(COOKIE), token):
            message = "This page is too old, or the button is not the portal's: load the page again, and press it there."
            raise HTTPException(403, message)

    # ---- for programs

    async def progress(self, request: Request) -> Response:
        """Say how far a refresh is."""
        progress, language = await self._progress(request), self._language(request)
        named = [(plain(language.named("step", name)), plain(language.named("step", state)), state) for name, state in progress.steps]
        steps = [{"name": name, "said": said, "state": state} for name, said, state in named]
        said = language.say("steps_done", done=progress.done, all=len(steps))
        found = {"status": progress.run.status, "is_over": progress.is_over, "done": progress.done, "said": said, "steps": steps}
        return JSONResponse(found, headers={"cache-control": "no-store"})

    async def rows(self, request: Request) -> Response:
        """Send a page of the rows of a tab's table, of the newest release unless one is named."""
        tab, which = request.path_params["tab"], request.query_params.get("release", LATEST)
        question = await to_thread.run_sync(rows.question_of, tab, request.query_params.multi_items())
        release = await to_thread.run_sync(self._find, which)
        tag = rows.etag_of(release, question, VERSION)
        headers = {**validators(tag, release.manifest.published_at, stable=False), **_named_as(f"{tab}.json", TYPES[".json"])}
        if is_known(request, headers):
            return not_modified(headers)
        if request.method == "HEAD":
            return headers_only(headers)
        if self.listing.statistics().tasks_waiting >= LISTINGS_WAITING:
            message = "Too many tables are being read."
            raise HTTPException(503, message, {"retry-after": "5"})
        async with self.listing:
            found = await to_thread.run_sync(partial(listed, release, question, memory_limit=self.settings.memory_limit))
        return JSONResponse(rows.answer(found), headers=headers)

    async def notices(self, _request: Request) -> Response:
        """Say which release is the newest, what is wrong now, and what to do. It is found out at most once in some seconds."""
        async with self.noticing:
            if self.noticed is None or time.monotonic() - self.noticed[0] > HEALTH_SECONDS:
                found: Sequence[Notice] = ()
                runs: Sequence[Run] = ()
                if self.workflow:
                    try:
                        runs = await self._asked(lambda workflow: workflow.last_runs(RUNS_SHOWN))
                    except BottleneckError as error:
                        found = [unheard(error.problem, error.remedy)]
                self.noticed = time.monotonic(), await to_thread.run_sync(self._notices, found, runs)
            return JSONResponse(self.noticed[1], headers={"cache-control": "no-store"})

    def _notices(self, found: Sequence[Notice], runs: Sequence[Run]) -> Mapping[str, Any]:
        release, told = self._newest(), [*found, *of_runs(runs)]
        if self.workflow:
            published = release.manifest.export.sha256 if release else None
            told += of_exports(drop_folder.listed(self.settings.exports_dir, published, dt.datetime.now(dt.UTC), TRIED), runs)
        if release:
            report = partial(_quality_report, release)
            worth = _readable(lambda: release.rows("quality/quarantine_worth.csv"), [], [])
            told += of_quarantine(worth, report if QUALITY_REPORT in release.files else "/status")
        said = {name: [notice.said(language) for notice in told] for name, language in self.languages.items()}
        newer = {name: {**NEWER.said(language), "compare": language.say("compare")} for name, language in self.languages.items()}
        return {"release": release.name if release else "", "newer": newer, "notices": said}

    async def health(self, _request: Request) -> Response:
        """Say whether there is a release, and, where the portal has a Dagster, what of it is not alive: with 503 if anything is."""
        release = await to_thread.run_sync(self._newest)
        ailing = await self._ailing() if self.workflow else dict[str, str]()
        told: dict[str, Any] = {"status": "failing" if ailing else "ok", "has_release": release is not None}
        told |= {"failing": ailing} if ailing else {}
        return JSONResponse(told, 503 if ailing else 200, headers={"cache-control": "no-store"})

    async def _ailing(self) -> Mapping[str, str]:
        """Return what of the workflow is not alive, and why. It is asked at most once in some seconds: anybody may ask this portal."""
        async with self.looking:
            if self.looked_at is None or time.monotonic() - self.looked_at[0] > HEALTH_SECONDS:
                try:
                    ailing = await self._asked(lambda workflow: workflow.ailing())
                except BottleneckError as error:
                    ailing = {"dagster": error.problem}
                self.looked_at = time.monotonic(), ailing
            return self.looked_at[1]

    def static(self, request: Request) -> Response:
        """Send the portal's styles and its script."""
        name = request.path_params["name"]
        if name not in {"portal.css", "bar.css", "portal.js", "language.js"}:
            raise GoneError(name)
        return FileResponse(PAGES / name, headers={"cache-control": "no-cache"})

    # ---- failures

    def gone(self, request: Request, _error: Exception) -> Response:
        """Answer that there is nothing at this address."""
        return self._message(request, 404, "There is nothing here.", "It may have been part of a release that has been deleted since.")

    def not_here(self, request: Request, error: Exception) -> Response:
        """Answer with what HTTP says, and why."""
        problem = cast("HTTPException", error)
        if problem.detail == HTTPStatus(404).phrase:
            return self.gone(request, error)
        return self._message(request, problem.status_code, problem.detail, "", problem.headers)

    def refused(self, request: Request, error: Exception) -> Response:
        """Answer with the problem and the remedy."""
        problem = cast("BottleneckError", error)
        status = STATUSES.get(type(error), 409)
        return self._message(request, status, problem.problem, problem.remedy)

    def left(self, _request: Request, _error: Exception) -> Response:
        """Answer who has gone away in the middle of a form: nobody reads it, and it is nothing for the log."""
        return Response(status_code=400)

    def lacking(self, request: Request, error: Exception) -> Response:
        """Answer with what the system says that it lacks, and what to do about it."""
        cause = cast("OSError", error).strerror or str(error)
        status = 507 if cast("OSError", error).errno in NO_SPACE else 500
        remedy = remedy_for(cause) or "See that the data folder is there and that this user may read and write in it, and try again."
        return self._message(request, status, f"The system has refused it: {cause}.", remedy)

    def _message(self, request: Request, status: int, problem: str, remedy: str, headers: Mapping[str, str] | None = None) -> Response:
        response = self._page(request, "message.html", "", problem=problem, remedy=remedy, release=self._newest())
        response.status_code = status
        response.headers.update(headers or {})
        return response

    # ---- what they have in common

    def _latest(self) -> Release | None:
        try:
            return newest(self.extracts)
        except GoneError:
            return None

    def _newest(self) -> Release | None:
        """Return the release that a page names beside what it is about: also one about a release that cannot be read."""
        try:
            return self._latest()
        except (DamagedError, OSError):
            return None

    def _find(self, which: str) -> Release:
        return newest(self.extracts) if which == LATEST else named(self.extracts, which)

    def _with_workflow(self) -> Workflow:
        if self.workflow is None:
            message = "This portal was not told where Dagster is (BOTTLENECK_DAGSTER_URL): it starts nothing, and takes no export."
            raise HTTPException(404, message)
        return self.workflow

    async def _asked(self, question: Callable[[Workflow], Answer]) -> Answer:
        """Ask the workflow, in threads that are kept for it: where it does not answer, files and pages still come.

        Raises BusyError at once if all of them wait for it, and if this one has waited long enough; its thread then ends by itself.
        """
        workflow = self._with_workflow()
        if not self.asking.acquire(blocking=False):
            problem = "Dagster is asked by many at once, and has not answered yet."
            raise BusyError(problem, "See that its UI answers, and load the page again.")

        def ask() -> Answer:
            try:
                return question(workflow)
            finally:
                self.asking.release()

        with anyio.move_on_after(QUESTION_SECONDS):
            return await to_thread.run_sync(ask, abandon_on_cancel=True, limiter=self.askers)
        problem = f"Dagster has not answered within {QUESTION_SECONDS} seconds."
        raise BusyError(problem, "See that its UI answers, and load the page again.")

    async def _progress(self, request: Request) -> Progress:
        run = request.path_params["run"]
        progress = await self._asked(lambda workflow: workflow.progress(run))
        if progress is None:
            message = "Dagster knows no such run: it may have been deleted since."
            raise HTTPException(404, message)
        return progress

    def _page(self, request: Request, template: str, place: str, **shown: Any) -> Response:  # noqa: ANN401 - what the template shows
        cookie, token = self.tokens.issue(request.cookies.get(COOKIE))
        body = self._rendered(request, chosen(request), template, place, token, **shown)
        response = HTMLResponse(body, headers={"content-security-policy": PAGE_POLICY, "cache-control": "no-store"})
        if "lang" in request.query_params:  # a choice; the script of the portal makes it too, on the dashboard, and so reads this cookie
            response.set_cookie(LANGUAGE, chosen(request), max_age=COOKIE_SECONDS, samesite="lax", secure=self.is_https)
        return self._with_cookie(response, cookie)

    def _rendered(self, request: Request, language: str, template: str, place: str, token: str, **shown: Any) -> str:  # noqa: ANN401 - what the template shows
        other = self.languages[self.languages[language].other]
        common: dict[str, Any] = {
            "release": None,
            "is_older": False,
            "flaws": [],
            "place": place,
            "token": token,
            "has_workflow": self.workflow is not None,
            "upload_bytes": self.settings.upload_mb * 1_000_000,
            "now": dt.datetime.now(dt.UTC),
            "in_other_language": f"?{urlencode({**request.query_params, 'lang': other.name})}",
            "other_language": other.name,
            "say_other": other.say("language_name"),
        }
        return self.pages[language].get_template(template).render({**common, **shown})

    def _language(self, request: Request) -> Language:
        return self.languages[chosen(request)]

    def _with_cookie(self, response: Response, cookie: str) -> Response:
        if self.workflow:  # with every page, so that it lasts as long as the last form; lax, or a link from elsewhere would replace it
            response.set_cookie(COOKIE, cookie, max_age=TOKEN_SECONDS, httponly=True, samesite="lax", secure=self.is_https)
        return response


def _environment(language: Language) -> Environment:
    """Return what makes pages in a language; it escapes all that it is given."""
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    filters: dict[str, Any] = {
        **{
            name: getattr(language, name)
            for name in ("when", "month", "ago", "size", "number", "rate", "figure", "price", "cell", "difference", "form")
        },
        "address": quote,
        "as_it_is": as_it_is,
        "code": _code,
        "link": _link,
        "mark": _mark,
        "day": dt.date.fromisoformat,
        "year_month": _first_day,
        **product_page.ways(language),
    }
    said: dict[str, Any] = {
        "language": language.name,
        **{
            name: getattr(language, name)
            for name in ("say", "count", "named", "said", "title", "column", "described", "label", "amount", "measure", "value")
        },
    }
    cast("dict[str, Any]", pages.filters).update(filters)  # pyright: ignore[reportUnknownMemberType] - jinja2 leaves it open
    cast("dict[str, Any]", pages.globals).update(said)  # pyright: ignore[reportUnknownMemberType]
    return pages


def _first_day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _link(text: str, address: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(quote(address), text)


def _mark(text: str, name: str) -> Markup:
    return Markup('<strong class="{}">{}</strong>').format(name, text)


def _readable(read: Callable[[], Answer], otherwise: Answer, flaws: list[str]) -> Answer:
    """Return a part of a page; if it cannot be read, what stands in for it, and why among the page's flaws."""
    try:
        return read()
    except GoneError as error:
        flaws.append(f"{error} has been deleted since.")
    except (ChangedError, OSError) as error:
        flaws.append(str(error))
    return otherwise


def _listed(release: Release, path: str) -> tuple[ReleasedFile, str | None] | None:
    """Return a file that a release lists, and the form in which it is asked for, None as it is."""
    if path in release.files:
        return release.files[path], None
    for form in (FRENCH, FRENCH_WORKBOOK, WORKBOOK):
        csv = f"{path.removesuffix(form)}.csv"
        if path.endswith(form) and csv in release.files:
            return release.files[csv], form
    return None


def _keep(kept: dict[Key, Answer], key: Key, found: Answer, most: int) -> Answer:
    """Return what was found and keep it, and let go of what was found first once there is more than may be kept."""
    kept[key] = found
    while len(kept) > most:
        kept.pop(next(iter(kept)), None)  # another thread may have let go of it
    return found


def _quality_report(release: Release, language: Language) -> str:
    """Return the address of the data-quality report in a language."""
    return f"/extracts/{quote(release.name)}/{language.form(QUALITY_REPORT, release.files)}"


def _sale_prices(release: Release) -> str:
    return release.manifest.parameters.get("sale_prices", "incl_vat")


def _sku(text: str) -> int | None:
    """Return the number that a text is, None if it is none that a product could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_SKU else None


def _made_from(release: Release, file: ReleasedFile) -> str:
    """Return a hash of all that a file in another form is made from: the file, the dictionary, and this portal."""
    dictionary = release.files.get(DICTIONARY)
    return sha256(f"{file.sha256} {dictionary.sha256 if dictionary else ''} {VERSION}".encode()).hexdigest()


def _type_of(path: str) -> str:
    suffix = path[path.rfind(".") :]
    return TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def _named_as(name: str, media_type: str) -> dict[str, str]:
    """Return the headers that say what a file is, and what to call it where it is kept."""
    suffix = name[name.rfind(".") :]
    place = "inline" if suffix in OPENED_IN_PLACE else "attachment"
    policy = DOCUMENT_POLICY if suffix in OPENED_IN_PLACE else "default-src 'none'; frame-ancestors 'none'"
    return {
        "content-type": media_type,
        "content-disposition": f"{place}; filename*=UTF-8''{quote(name)}",
        "content-security-policy": policy,
    }


def _length(file: Any) -> int:  # noqa: ANN401 - what is open and can be sought
    length = file.seek(0, 2)
    file.seek(0)
    return length


def _sections(
    release: Release, columns: Mapping[str, Sequence[DescribedColumn]], language: Language
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the files of a release by folder, each with what it is, and the columns that the dictionary describes.

    A Parquet file, and a .tds, stand with the CSV of the same table.
    """
    folders: dict[str, list[dict[str, Any]]] = {folder: [] for folder in _SECTIONS}
    for file in release.files.values():
        folder, stem = file.path.rpartition("/")[0], file.path.removesuffix(".tds")
        if folder.partition("/")[0] == PARQUET or (stem != file.path and f"{stem}.csv" in release.files):
            continue
        measured = release.manifest.data_access if file.path in ACCESS_REPORT.files else None
        described = {
            "file": file,
            "about": _about(file, language),
            "grain": ", ".join(name if language.name == "en" else language.column(name) for name in _grain(file)),
            "columns": columns.get(file.path, ()),
            "measured": measured,
            "parquet": parquet if (parquet := parquet_of(file.path)) in release.files else "",
            "tds": tds if (tds := f"{file.path.removesuffix('.csv')}.tds") in release.files else "",
        }
        folders.setdefault(folder, []).append(described)
    return [(folder, files) for folder, files in folders.items() if files]


def _is_sought(entry: Mapping[str, Any], sought: str, language: Language) -> bool:
    """Tell whether a file of a section has every word that is sought in its path, what it is, or its columns."""
    columns = [
        text for one in entry["columns"] for text in (one.name, one.description, plain(language.described(one.name, one.description)))
    ]
    return holds(sought, entry["file"].path, entry["about"], *columns)


def _about(file: ReleasedFile, language: Language) -> str:
    if language.name == "fr":
        return language.contents(file.table or file.path)
    description = models()[file.table].description if file.table and file.table in models() else DESCRIPTIONS.get(file.path, "")
    return " ".join(description.split("\n\n")[0].split())


def _grain(file: ReleasedFile) -> Sequence[str]:
    return models()[file.table].promise.key if file.table and file.table in models() else ()
