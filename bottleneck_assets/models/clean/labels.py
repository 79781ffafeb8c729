"""The labels of the products: one row a column and spelling as exported, with the label that is shown for it: the commonest spelling."""

from bottleneck_assets.models.contract import Contract, Count, Text, column, count_of


class Labels(Contract):
    column_name: Text = column("Column of Web.", isin=["product_type", "segment"])
    spelling: Text = column("The label as exported.")
    label_key: Text = column("What all spellings of the label have in common: no entities, no outer white space, no difference of case.")
    label: Text = column("The label as it is shown.")
    products: Count = count_of("rows", "Rows of products with this spelling.", ge=0)

    class Config(Contract.Config):
        unique = ["column_name", "spelling"]
