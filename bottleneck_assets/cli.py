"""The command line: `bottleneck refresh | explain | report | mcp | up | portal | serve | sample | tableau`.

Belongs here: options, progress, and what is printed. Never here: how a thing is done. Dagster and the engine are imported when a
command needs them, so that `--help` and a wrong option answer at once.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import os
import sys
from contextlib import contextmanager, nullcontext, redirect_stderr
from io import StringIO
from pathlib import Path
from traceback import print_exception
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bottleneck_assets.defs.stopping import stop_once
from bottleneck_assets.errors import BottleneckError, SettingsError, remedy_for
from bottleneck_assets.figures.measures import MEASURES, as_read
from bottleneck_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from bottleneck_assets.defs.server import Process
    from bottleneck_assets.figures.measures import Format
    from bottleneck_assets.release.explanation import Explanation
    from bottleneck_assets.release.release import Release
    from bottleneck_assets.source.exports import Choice


class _Printed(Console):
    """What is printed. Where nobody reads it any more (`| head -1`), the rest goes nowhere, and the work goes on."""

    def on_broken_pipe(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)
        self.quiet = True


out = _Printed(highlight=False, markup=False, soft_wrap=True)
err = _Printed(stderr=True, highlight=False, markup=False, soft_wrap=True)

data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Folder of exports, tables and extracts (default: data)."
)
debug_option = click.option("--debug", is_flag=True, help="Show the traceback of a failure, and Dagster's own log.")
_WRITTEN: Mapping[Format, str] = {
    "euros": "{:,.2f} EUR",
    "price": "{:,.2f} EUR",
    "count": "{:,.0f}",
    "rate": "{:.2%}",
    "change": "{:.2%}",
    "one": "{:,.2f}",
    "two": "{:,.2f}",
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bottleneck-assets")
def main() -> None:
    """From BottleNeck's SQLite export to checked tables, KPIs and CSV extracts for Tableau."""


def run() -> None:
    """Be the process `bottleneck`: nearly all that it allocates are imports, which stay for as long as it lives.

    To look for garbage among them, and to take them down one by one at the end, would cost two seconds of every refresh.
    """
    gc.set_threshold(100_000)
    os.umask(os.umask(0o022) | 0o002)  # nothing that is made may be written by everybody
    stop_once()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: then the next file that is opened would get its number, and be printed into
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))


@main.command()
@click.option(
    "--export", type=click.Path(path_type=Path), help="The export to read (default: the newest in the drop folder, data/exports)."
)
@data_dir_option
@click.option(
    "--period-start", metavar="YYYY-MM", help="First month of the reporting period (default: the latest full October to September)."
)
@click.option("--period-end", metavar="YYYY-MM", help="Last month of the reporting period.")
@click.option(
    "--promo-units", type=click.Choice(["included", "excluded"]), help="Whether Sales includes the promotion units (default: included)."
)
@click.option("--force", is_flag=True, help="Make everything again, also what has not changed.")
@debug_option
def refresh(*, force: bool, debug: bool, **options: Any) -> None:  # noqa: ANN401 - click's values, checked by the settings
    """Make every table that has changed, check it, and publish a new release."""
    with _explained(debug=debug), _writing(load_settings(**options)) as settings:
        _refresh(settings, force=force, debug=debug)


@main.command()
@click.argument("figure")
@data_dir_option
@debug_option
def explain(*, figure: str, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Explain a FIGURE of the newest release, by its name or label: value, formula, parts, where it comes from, what it leaves out."""
    with _explained(debug=debug):
        from bottleneck_assets.release.explanation import explanation_of, measure_called
        from bottleneck_assets.release.release import current

        measure, settings = measure_called(figure), load_settings(**options)
        release = current(settings.extracts_dir)
        if release is None:
            problem = f"There is no release in {settings.extracts_dir}."
            raise BottleneckError(problem, "bottleneck refresh makes one.")
        _print_explanation(explanation_of(release, measure), release)


@main.group()
def report() -> None:
    """Make a report that no refresh makes by itself."""


@report.command("data-access")
@click.option(
    "--export", type=click.Path(path_type=Path), help="The export to measure (default: the newest in the drop folder, data/exports)."
)
@data_dir_option
@debug_option
def report_data_access(*, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Measure the ways to the shop's data, this workflow among them, and publish a release with the report."""
    with _explained(debug=debug), _writing(load_settings(**options)) as settings:
        if not settings.reports:
            problem = "The setting reports is off: no release holds a report."
            raise SettingsError(problem, "Set BOTTLENECK_REPORTS=true, and ask again.")
        from bottleneck_assets.documents.catalog import ACCESS_REPORT

        release = _run(settings, *_chosen(settings), job="data_access", force=True, debug=debug)
        out.print(f"Report, to open in a browser: {release / ACCESS_REPORT.files[0]}")


@main.command()
@data_dir_option
@debug_option
def mcp(*, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Answer an assistant's questions about the newest release, on stdin and stdout, by the Model Context Protocol.

    An assistant starts this by itself: see docs/using.md. It only reads.
    """
    with _explained(debug=debug):
        from bottleneck_assets.assistant.server import serve as answer

        answer(load_settings(**options).extracts_dir)


@main.command()
@data_dir_option
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the UI on 127.0.0.1 (default: 3000).")
@click.option("--portal-port", type=click.IntRange(1, 65535), help="Port of the portal (default: 3002).")
@debug_option
def up(*, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Start the portal and the Dagster UI on 127.0.0.1, with the schedule and the sensor; Ctrl-C stops them."""
    with _explained(debug=debug):
        from bottleneck_assets.defs.server import dagster_ui

        settings = load_settings(**options)
        _sample_if_empty(settings)
        stop_once(ignored_too=True)
        err.print("Starting the portal and the Dagster UI ...")
        try:
            with dagster_ui(settings) as (address, wait):
                out.print(f"Portal:     {settings.portal_address}")
                out.print(f"Dagster UI: {address}  (Ctrl-C stops it)")
                wait()
        except KeyboardInterrupt:
            err.print("Stopped.")


@main.command()
@data_dir_option
@click.option("--port", "portal_port", type=click.IntRange(1, 65535), help="Port of the portal (default: 3002).")
@click.option("--host", "portal_host", help="Where it listens (default: 127.0.0.1); beyond this machine only with a password.")
@debug_option
def portal(*, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Serve the releases, where they come from and how they fare, on 127.0.0.1; Ctrl-C stops it.

    With the address of a Dagster UI (BOTTLENECK_DAGSTER_URL) it has a button that refreshes, and takes exports.
    """
    with _explained(debug=debug):
        from bottleneck_assets.defs.server import become

        settings = load_settings(**options)
        out.print(f"Portal: {settings.portal_address}  (Ctrl-C stops it)")
        sys.stdout.flush()
        become("portal", settings)


@main.command()
@click.argument("process", type=click.Choice(["code", "daemon", "ui", "viewer", "portal"]))
@data_dir_option
@debug_option
def serve(*, process: Process, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Run one process of a deployment, for a supervisor such as systemd (see docs/deployment.md).

    code: the code server, which loads the assets and starts the runs. daemon: schedule, sensors and queue. ui: the Dagster UI.
    viewer: the Dagster UI, read-only. portal: the releases and a button.
    """
    with _explained(debug=debug):
        from bottleneck_assets.defs.server import become

        become(process, load_settings(**options))


@main.command()
@click.option("--scale", type=click.IntRange(min=1), default=1, show_default=True, help="How many times the shop's products.")
@click.option("--seed", type=int, default=2022, show_default=True, help="The same seed gives the same export.")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="File to write (default: data/exports/sample.db).")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@debug_option
def sample(*, scale: int, seed: int, target: Path | None, force: bool, debug: bool) -> None:
    """Make a synthetic export, shaped and dirty like the shop's own."""
    with _explained(debug=debug):
        from bottleneck_assets.source.exports import SAMPLE_NAME

        path = target or load_settings().exports_dir / SAMPLE_NAME
        if path.exists() and not force:
            problem = f"{path} is there already."
            raise BottleneckError(problem, "Choose another file with --out, or replace it with --force.")
        _make_sample(path, scale, seed)


@main.group()
def tableau() -> None:
    """Publish to Tableau Server or Cloud (with BOTTLENECK_TABLEAU_TOKEN), or ask it, or Desktop, whether it takes the workbook."""


server_option = click.option(
    "--server", "tableau_server", metavar="URL", help="Tableau Server or Cloud (default: the setting tableau_server)."
)
site_option = click.option("--site", "tableau_site", help="Site there (default: the setting tableau_site).")


@tableau.command("publish")
@server_option
@site_option
@click.option("--project", "tableau_project", help="Project there (default: the setting tableau_project).")
@data_dir_option
@debug_option
def tableau_publish(*, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Publish the newest release's data source and workbook, in place of those that are there."""
    with _explained(debug=debug):
        from bottleneck_assets.render.tableau.publishing import publish_release

        settings = load_settings(**options)
        for published in publish_release(settings.latest_release, settings):
            out.print(f"Published the {published.kind} {published.name}: {published.url or published.id}")


@tableau.command("verify")
@server_option
@site_option
@click.option(
    "--workbook", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The .twbx (default: that of the newest release)."
)
@click.option("--desktop", is_flag=True, help="Ask the Tableau Desktop that runs on this machine, which opens and draws it too.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), help="With --desktop: what it draws goes here (tableau-desktop)."
)
@data_dir_option
@debug_option
def tableau_verify(*, workbook: Path | None, desktop: bool, folder: Path | None, debug: bool, **options: Any) -> None:  # noqa: ANN401
    """Ask a server, or a Desktop, whether it takes the workbook; a server keeps nothing. Exit code 1 if it does not."""
    if folder and not desktop:
        problem = "--out is for what --desktop draws."
        raise click.UsageError(problem)
    with _explained(debug=debug):
        from bottleneck_assets.render.tableau.package import FILE

        settings = load_settings(**options)
        package = workbook or settings.latest_release / FILE
        is_good = _seen_by_desktop(package, settings, folder or Path("tableau-desktop")) if desktop else _taken_by_server(package, settings)
    sys.exit(0 if is_good else 1)


def _taken_by_server(package: Path, settings: Settings) -> bool:
    """Print what a server says of the workbook, and return whether it takes it."""
    from bottleneck_assets.render.tableau.publishing import verify

    verdict = verify(package, settings)
    _print_findings({"ERROR": verdict.errors, "WARN": verdict.warnings})
    out.print(f"{settings.tableau_server} {'refuses' if verdict.errors else 'takes'} the workbook.")
    return not verdict.errors


def _seen_by_desktop(package: Path, settings: Settings, folder: Path) -> bool:
    """Print what Tableau Desktop makes of the workbook, and where it is shown; return whether all is well."""
    from bottleneck_assets.render.tableau.desktop import PAGE, SENT_BACK, look
    from bottleneck_assets.render.web.page import FILE as DASHBOARD

    seen = look(package, settings.latest_release / DASHBOARD, folder)
    undrawn = [f"{one.name}: {one.problem}" for one in seen.dashboards if one.problem]
    _print_findings({"ERROR": [*seen.issues, *undrawn], "WARN": seen.problems})
    drawn = sum(not one.problem for one in seen.dashboards)
    out.print(f"Tableau {seen.application} drew {drawn} of {len(seen.dashboards)} dashboards: {folder / PAGE}")
    out.print(f"What to send back is in {folder}: {', '.join(SENT_BACK)}")
    return seen.is_good


def _print_findings(found: Mapping[str, Iterable[str]]) -> None:
    for kind, sentences in found.items():
        for sentence in sentences:
            out.print(f"  {kind}  {sentence}")


class _explained:  # noqa: N801 - read as a verb: with _explained(...)
    """Turn what a user can mend, and being stopped, into two lines on stderr and an exit code: 2 for wrong usage, 1 for all else."""

    def __init__(self, *, debug: bool) -> None:
        self.debug = debug

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        match error:
            case BottleneckError():
                lines = str(error)
            case OSError():
                remedy = remedy_for(str(error)) or "Check that the disk has room and that this user may write there."
                lines = f"{' '.join(str(error).split())}\n{remedy}"
            case MemoryError():
                lines = f"There is no memory left.\n{remedy_for('MemoryError')}"
            case KeyboardInterrupt():
                lines = "Stopped.\nWhat is published is whole; run it again to finish."
            case _:
                return
        if self.debug:
            print_exception(error)
        else:
            err.print(lines, style="red")
        sys.exit(2 if isinstance(error, SettingsError) else 1)


@contextmanager
def _writing(settings: Settings) -> Iterator[Settings]:
    """Hold the right to write: from before anything is decided, so that none of it is out of date when it is done."""
    from bottleneck_assets.engine.lock import writing
    from bottleneck_assets.release.manifest import refuse_newer

    with writing(settings.data_dir, lambda: err.print("Another refresh is writing; waiting for it to finish ...")):
        refuse_newer(settings.latest_release)
        yield settings


def _sample_if_empty(settings: Settings) -> None:
    """Make a synthetic export where there is none, but not where figures of the shop's own stand: they would give way to invented ones."""
    from bottleneck_assets.release.release import current
    from bottleneck_assets.source.exports import SAMPLE_NAME, find_exports

    release = current(settings.extracts_dir)
    if release is not None and release.manifest.export.name != SAMPLE_NAME:
        return
    if settings.export is None and not find_exports(settings.exports_dir, dt.datetime.now(dt.UTC)):
        out.print(f"No export in {settings.exports_dir}: making a synthetic one. Put the shop's own there to see its figures.")
        _make_sample(settings.exports_dir / SAMPLE_NAME, scale=1, seed=2022)


def _make_sample(target: Path, scale: int, seed: int) -> None:
    from bottleneck_assets.sample.export import write_sample_export

    with _progress() as progress:
        task = progress.add_task("Writing a synthetic export", total=scale)
        write_sample_export(target, scale=scale, seed=seed, progress=lambda done, total: progress.update(task, completed=done, total=total))
    out.print(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB).")


def _chosen(settings: Settings) -> tuple[Choice, str]:
    """Return the export that a run is to read, and its SHA-256, and say which newer ones it does not."""
    from bottleneck_assets.release.release import current
    from bottleneck_assets.source.exports import chosen_export, fingerprint, flaw_of_log, wait_until_free

    _sample_if_empty(settings)
    release = current(settings.extracts_dir)

    def refuse(path: Path) -> None:
        if release is None or fingerprint(path) != release.manifest.export.sha256:  # that has been read once
            from bottleneck_assets.models.acceptance import accepted

            accepted(path, settings.export_wait_seconds)

    choice = chosen_export(settings, dt.datetime.now(dt.UTC), refuse)
    export = choice.path
    for remark in choice.passed_over:
        err.print(remark, style="bold yellow")
    wait_until_free(export, settings.export_wait_seconds)
    if flaw := flaw_of_log(export):
        err.print(flaw, style="bold yellow")
    return choice, fingerprint(export)


def _refresh(settings: Settings, *, force: bool, debug: bool) -> None:
    from bottleneck_assets.documents.made import awaited_report
    from bottleneck_assets.release.comparison import would_be_the_same
    from bottleneck_assets.release.release import current

    choice, sha256 = _chosen(settings)
    release = current(settings.extracts_dir)
    if not force and release and would_be_the_same(release, settings, sha256, awaited_report(settings)):
        made_from = release.manifest.export.name
        out.print(f"Nothing has changed since {release.folder.resolve()} was made from {made_from}: it stays. --force makes it again.")
        return
    _run(settings, choice, sha256, job="refresh", force=force, debug=debug)


def _run(settings: Settings, choice: Choice, sha256: str, *, job: str, force: bool, debug: bool) -> Path:  # noqa: PLR0913 - a run's options
    """Run a job on the chosen export, the whole of it or what has changed, and print what came of it; return the release."""
    from bottleneck_assets.definitions import defs
    from bottleneck_assets.defs.instance import using_instance
    from bottleneck_assets.defs.jobs import passing_over
    from bottleneck_assets.defs.refresh import run_refresh, what_to_make
    from bottleneck_assets.defs.stopping import stop_runs_once
    from bottleneck_assets.models.plan import export_origin

    stop_runs_once()
    export, told = choice.path, passing_over(choice.passed_over, choice.in_place_of)
    settings = settings.model_copy(update={"export": export})  # the run reads what is planned for, also if a newer one arrives meanwhile
    selected, damaged = defs().resolve_job_def(job), list[BottleneckError]()
    with _progress() as progress, _without_remarks(debug=debug), using_instance(settings) as instance:
        if not force:
            assets, checks = what_to_make(settings, instance, export_origin(export, sha256), on_damage=damaged.append)
            for damage in damaged:
                progress.console.print(f"{damage.problem} It is made again.", style="bold yellow")
            selected = selected.get_subset(asset_selection=assets, asset_check_selection=checks)
        task = progress.add_task("Refreshing", total=len(selected.asset_layer.selected_asset_keys))

        def on_made(asset: str) -> None:
            progress.update(task, advance=1, description=asset)

        outcome = run_refresh(selected, settings, instance, on_made=on_made, log_level="DEBUG" if debug else "CRITICAL", tags=told)
    if outcome.release is None:
        raise BottleneckError(outcome.problem or "The run failed.", outcome.remedy or "")
    _print_age(outcome.release)
    _print_headline(outcome.release)
    _print_checks(outcome.release)
    _print_release(outcome.release, settings)
    return outcome.release


def _print_release(release: Path, settings: Settings) -> None:
    from bottleneck_assets.documents.catalog import DASHBOARD, TABLEAU_WORKBOOK

    out.print(f"\nPublished: {release}")
    for opens, document in (("Dashboard, to open in a browser", DASHBOARD), ("Workbook, to open in Tableau", TABLEAU_WORKBOOK)):
        file, reason = release / document.files[0], document.unavailable()
        if file.exists():
            out.print(f"{opens}: {file}")
        elif settings.reports and reason:
            out.print(f"{opens}: none. {reason}")
    out.print(f"Always the newest: {settings.latest_release}")


def _print_age(release: Path) -> None:
    """Say as of which day the data is, and beside it when the file was received: an old month may come in a new file."""
    from bottleneck_assets.release.manifest import read_manifest

    manifest = read_manifest(release)
    received = manifest.export.changed_at and manifest.export.changed_at.astimezone(dt.UTC)
    out.print(f"Data as of: {manifest.data_as_of or 'not known'}")
    out.print(f"File received: {f'{received:%Y-%m-%d %H:%M} UTC' if received else 'not known'} ({manifest.export.name})")


def _print_headline(release: Path) -> None:
    with (release / "kpis" / "headline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = rows[0]
    table = Table("KPI", "value", title=f"{first['period_start'][:7]} to {first['period_end'][:7]}", title_justify="left")
    table.columns[1].justify = "right"
    for row in rows:
        table.add_row(row["label"], _figure(row))
    out.print(table)


def _figure(row: Mapping[str, str]) -> str:
    return _WRITTEN[MEASURES[row["kpi"]].format].format(float(row["value"])) if row["value"] else "not known"


def _print_explanation(explained: Explanation, release: Release) -> None:
    measure = explained.measure
    labels = as_read(f"{measure.label.en} · {measure.label.fr}", release.manifest.parameters.get("sale_prices", ""))
    out.print(f"{labels} ({measure.name})")
    for name, said in _said_of(explained, release):
        out.print(f"{name:<15}{said}")


def _said_of(explained: Explanation, release: Release) -> Iterator[tuple[str, str]]:
    measure, period = explained.measure, release.manifest.period
    months = f"{period.period_start} to {period.period_end}" if period else "all its months"
    value = "not known" if explained.value is None else _WRITTEN[measure.format].format(explained.value)
    yield "Value", f"{value} (unit: {measure.unit}); the whole shop, {explained.day or months}; release {release.name}"
    if measure.note:
        yield "Note", measure.note.en
    yield "Formula", explained.formula
    for part in explained.parts:
        yield (
            "Part",
            f"{part.name}{f' = {part.said}' if part.said else ''}{f': {part.total:,.2f} in all' if part.total is not None else ''}",
        )
    yield "SQL", explained.sql
    yield "Tableau", explained.tableau
    yield "Computed from", explained.file
    yield "SELECTs", ", ".join(explained.selects)
    yield "Export", ", ".join(explained.exported)
    yield "Settings", ", ".join(explained.settings) or "none"
    yield "Covers", f"every {explained.covers}"
    yield "Cut by", ", ".join(explained.cut_by)
    for dimension, why in explained.not_by.items():
        yield "Not by", f"{dimension}: {why.en}"
    for one in explained.left_out or ["nothing of that"]:
        yield "Leaves out", one


def _print_checks(release: Path) -> None:
    """Say what the checks of a release found, also those that had no reason to run again."""
    from bottleneck_assets.release.manifest import read_manifest

    checks = read_manifest(release).checks
    out.print(f"Checks: {sum(check.passed for check in checks)} of {len(checks)} passed.")
    for check in checks:
        if not check.passed:
            out.print(f"  {check.severity}  {check.asset} {check.check}: {check.found}")
            out.print(f"        {check.remedy}")


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = Console(file=sys.stderr, highlight=False, markup=False, soft_wrap=True)
    return Progress(*columns, console=shown, transient=True, disable=not err.is_terminal)


def _without_remarks(*, debug: bool) -> AbstractContextManager[object]:
    """Keep what libraries print to stderr while a refresh runs from the two lines that say what went wrong; not with --debug."""
    return nullcontext() if debug else redirect_stderr(StringIO())
