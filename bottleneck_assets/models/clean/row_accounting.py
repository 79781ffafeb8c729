"""What became of the export's rows: one row a table of the export; rows read = kept + in quarantine + copies dropped + left out."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Ratio, Text, count_of, ratio


class RowAccounting(Contract):
    source_table: Text = columns.source_table()
    rows_read: Count = count_of("rows", "Rows in the export.", ge=0)
    rows_kept: Count = count_of("rows", "Rows that the cleaned table keeps.", ge=0)
    rows_quarantined: Count = count_of("rows", "Rows in quarantine.", ge=0)
    duplicates_dropped: Count = count_of("rows", "Exact copies of earlier rows, dropped.", ge=0)
    rows_left_out: Count = count_of("rows", "Rows that are no product (Web's pages of pictures, for one), left out.", ge=0)
    quarantined_share: Ratio = ratio("Share of the rows in quarantine.", formula="rows_quarantined / rows_read", ge=0, le=1)

    class Config(Contract.Config):
        unique = ["source_table"]
