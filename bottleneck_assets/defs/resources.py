"""What a run works with: the settings, the warehouse, and the right to write.

Belongs here: Dagster resources. Never here: what is done with them.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import dagster as dg
from pydantic import Field, PrivateAttr

from bottleneck_assets.defs.run_process import fail_dead_runs, this_process
from bottleneck_assets.documents.store import sweep
from bottleneck_assets.engine.lock import sweep as sweep_unfinished
from bottleneck_assets.engine.lock import writing
from bottleneck_assets.engine.spark import Spark
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.release.manifest import refuse_newer
from bottleneck_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

Yielded = TypeVar("Yielded")


class Workbench(dg.ConfigurableResource):
    """The settings of a run. What is not given comes from the environment (BOTTLENECK_...), so that no run needs a config.

    While a run holds this, no other run writes: the run queue admits one at a time, and a file lock covers the command line too.
    """

    data_dir: str | None = Field(default=None, description="Folder of exports, tables and extracts.")
    export: str | None = Field(default=None, description="Export to read; the newest in the drop folder if not given.")
    period_start: str | None = Field(default=None, description="First month of the reporting period, such as 2022-10.")
    period_end: str | None = Field(default=None, description="Last month of the reporting period, such as 2023-09.")
    promo_units: str | None = Field(default=None, description="Whether Sales includes the promotion units: included or excluded.")

    sale_prices: str | None = Field(default=None, description="Whether sale prices include VAT: incl_vat or excl_vat.")

    _warehouse: Warehouse | None = PrivateAttr(default=None)
    _held: ExitStack = PrivateAttr(default_factory=ExitStack)

    @property
    def settings(self) -> Settings:
        """The settings: those given to the run before those of the environment. Raises SettingsError."""
        return load_settings(
            data_dir=self.data_dir,
            export=self.export,
            period_start=self.period_start,
            period_end=self.period_end,
            promo_units=self.promo_units,
            sale_prices=self.sale_prices,
        )

    @property
    def warehouse(self) -> Warehouse:
        """The tables. One engine serves the whole run."""
        if self._warehouse is None:
            settings = self.settings
            spark = None
            if settings.engine == "spark":
                # now: what says why a table breaks its contract hides PySpark while it is imported, which a running Spark cannot bear
                import_module("bottleneck_assets.models.contract")
                spark = Spark(FUNCTIONS)
            self._warehouse = Warehouse(settings.warehouse_dir, settings.memory_limit, spark, functions=FUNCTIONS)
        return self._warehouse

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Workbench]:
        """Hold the write lock for the length of a run, and clear away what a killed one left."""
        settings = self.settings
        if context.instance and context.run:
            context.instance.add_run_tags(context.run.run_id, this_process(context.run.run_id))

        def on_wait() -> None:
            if context.log:
                context.log.info("Another refresh is writing; waiting for it to finish.")

        with writing(settings.data_dir, on_wait), ExitStack() as self._held:
            refuse_newer(settings.latest_release)
            self._held.callback(self.warehouse.close)
            if context.instance:
                fail_dead_runs(context.instance)
            self.warehouse.sweep()
            sweep(settings.documents_dir)
            for folder in (settings.dagster_home, settings.exports_dir):
                sweep_unfinished(folder)
            yield self

    def ended_with_the_run(self, work: Generator[Yielded, Any, Any]) -> Generator[Yielded, Any, Any]:
        """Have work under way stopped before the tables are closed and the right to write is given up, whoever left it unfinished.

        Dagster leaves a step's generator as it stands, with its threads, where it fails to book what that has yielded.
        """
        return self._held.enter_context(closing(work))
