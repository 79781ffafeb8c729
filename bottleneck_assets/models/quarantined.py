"""Writes the SELECT of `clean.quarantine`, which says the same of each table of the export: which row, which cell, why, and the whole row.

Belongs here: that SELECT, from the columns of the raw contracts. Never here: which row is unusable; `clean.<table>_typed` says so.
It imports nothing of the workflow, so that the SELECT can be had without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def select(columns: Mapping[str, Sequence[str]]) -> str:
    """Return the SELECT over the tables of the export, given with their columns in order, the key first."""
    rows = "    union all\n".join(_rows(table, names) for table, names in columns.items())
    return f"""\
-- one row per row of the export that cannot be used: whole, as exported, with the first reason why
with

quarantine as (
{rows})

select
    source_table,
    row_number,
    record_key,
    column_name,
    column_value,
    reason,
    exported_row
from quarantine
order by source_table, row_number
"""


def _rows(table: str, columns: Sequence[str]) -> str:
    values = "\n".join(f"            when '{name}' then exported.{name}" for name in columns)
    cells = "\n        || ',' || ".join(f"""coalesce('"' || replace(exported.{name}, '"', '""') || '"', '')""" for name in columns)
    return f"""\
    select
        '{table}' as source_table,
        typed.row_number,
        exported.{columns[0]} as record_key,
        split_part(typed.defect, '|', 1) as column_name,
        case split_part(typed.defect, '|', 1)
{values}
        end as column_value,
        split_part(typed.defect, '|', 2) as reason,
        {cells} as exported_row
    from clean.{table}_typed as typed
    inner join raw.{table} as exported on typed.row_number = exported.row_number
    where typed.defect is not null and not typed.is_exact_copy
"""
