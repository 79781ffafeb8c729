"""Draws of Student's t, which say how far a placebo's spread may lead: one row per resample and degrees of freedom, the same for ever."""

from bottleneck_assets.models.contract import Contract, Count, Ratio, column
from bottleneck_assets.models.resampling import MOST_DEGREES, RESAMPLES


class PlaceboDraws(Contract):
    resample: Count = column("Number of the resample.", ge=1, le=RESAMPLES)
    degrees: Count = column("Degrees of freedom: quiet months less one; more count as the most.", ge=1, le=MOST_DEGREES)
    deviate: Ratio = column("The draw, in standard deviations.", unit="standard deviations")

    class Config(Contract.Config):
        unique = ["resample", "degrees"]
