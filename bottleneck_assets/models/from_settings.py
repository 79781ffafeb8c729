"""Makes the tables of the raw layer that come from the settings and not from the export.

Belongs here: what SQL needs to know of the settings, as rows. Never here: a setting's name, default or limits (settings.py), or what is
drawn at random (resampling.py).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, localcontext
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.plan import PARAMETERS, PLACEBO, VAT_RATES, WEIGHTS
from bottleneck_assets.settings import FIGURES_DEPEND_ON
from bottleneck_assets.source.labels import label_key

if TYPE_CHECKING:
    import pyarrow as pa

    from bottleneck_assets.settings import Settings

LAST_DECIMAL = Decimal("1e-19")
"""Of a net factor, which is rounded up there: a product that lies half way between two amounts then still rounds up."""


def table_from_settings(ref: str, settings: Settings) -> pa.Table:
    """Return one of the tables that `models.plan.FROM_SETTINGS` names."""
    from bottleneck_assets.models.resampling import placebo_draws, resampling_weights

    if ref == WEIGHTS:
        return resampling_weights()
    if ref == PLACEBO:
        return placebo_draws()
    rows = {PARAMETERS: lambda: [parameters_row(settings)], VAT_RATES: lambda: vat_rates(settings)}
    return models()[ref].promise.arrow_table(rows[ref]())


def parameters_row(settings: Settings) -> dict[str, Any]:
    """Return the settings that figures depend on, and what follows from them, as the row of `raw.parameters`."""
    normal = NormalDist()
    return {
        **{name: getattr(settings, name) for name in FIGURES_DEPEND_ON - {"vat_rates"}},
        "segments_without_stock": "".join(f"\n{label_key(label)}" for label in settings.segments_without_stock.split(";")) + "\n",
        "service_factor": normal.inv_cdf(settings.service_level),
        "interval_factor": normal.inv_cdf((1 + settings.interval_level) / 2),
    }


def vat_rates(settings: Settings) -> list[dict[str, Any]]:
    """Return one row per label, folded, that has a rate of VAT: label, vat_rate, and the factor that leaves VAT out of a sale price."""
    with localcontext() as context:
        context.prec = 30
        factors = {rate: (1 / (1 + rate)).quantize(LAST_DECIMAL, ROUND_CEILING) for rate in settings.vat_rates.values()}
    return [
        {
            "label": label_key(label),
            "vat_rate": rate.quantize(Decimal("1e-8")),
            "net_factor": factors[rate] if settings.sale_prices == "incl_vat" else Decimal(1).quantize(LAST_DECIMAL),
        }
        for label, rate in sorted(settings.vat_rates.items())
    ]
