"""Holds a stored table against its contract.

Belongs here: who is asked: the engine always, and pandera where the engine has a doubt. Never here: what is promised, or what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets.engine.warehouse import Failures

if TYPE_CHECKING:
    from bottleneck_assets.engine.warehouse import Candidate
    from bottleneck_assets.models.catalog import Model


def failures(model: Model, candidate: Candidate) -> Failures:
    """Say where a stored table breaks its contract. Of one that surely keeps it no row is read into Python."""
    if model.promise.is_kept_by(candidate):
        return Failures(0, [])
    from bottleneck_assets.models import contract  # with pandas and pandera behind it

    return contract.failures(model.contract, candidate)
