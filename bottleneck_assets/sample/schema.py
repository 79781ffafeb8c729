"""The tables of an export, declared as the shop declares them, oddities of types included.

Here belong CREATE TABLE and INSERT statements and nothing else.
"""

TABLES = (
    """
    CREATE TABLE Web (
        SKU INTEGER NOT NULL, Virtuals TEXT NOT NULL, Downloadable TEXT NOT NULL, Rating_count NUMERIC NOT NULL,
        Average_rating NUMERIC NOT NULL, Post_author VARCHAR NOT NULL, Post_date DATE NOT NULL, Post_date_gmt DATE NOT NULL,
        Product_type VARCHAR NOT NULL, Segment VARCHAR NOT NULL, Post_title VARCHAR NOT NULL, Post_excerpt VARCHAR NOT NULL,
        Contenance VARCHAR, Post_status VARCHAR, Comment_status VARCHAR, Ping_status VARCHAR NOT NULL, Post_name TEXT NOT NULL,
        Post_modified DATE NOT NULL, Post_modified_gmt DATE NOT NULL, Post_parent VARCHAR NOT NULL, Guid VARCHAR NOT NULL,
        Post_type VARCHAR NOT NULL, Comment_count VARCHAR NOT NULL, CONSTRAINT Web_pk PRIMARY KEY (SKU)
    )
    """,
    """
    CREATE TABLE Finance (
        Key_Finance VARCHAR NOT NULL, Date DATE NOT NULL, SKU TEXT NOT NULL, Taxe_Statut VARCHAR NOT NULL,
        Onsale_Web BOOLEAN NOT NULL, Price NUMERIC NOT NULL, Purchase_Price NUMERIC NOT NULL,
        CONSTRAINT Key_Finance PRIMARY KEY (Key_Finance)
    )
    """,
    """
    CREATE TABLE Sales (
        Key_Sales VARCHAR NOT NULL, Sales INTEGER NOT NULL, Orders INTEGER NOT NULL, Stock INTEGER NOT NULL,
        CONSTRAINT Sales_pk PRIMARY KEY (Key_Sales)
    )
    """,
    """
    CREATE TABLE Promo (
        Key_Promo VARCHAR NOT NULL, Start_Date Date NOT NULL, End_Date Date NOT NULL, Sales_Offer INTEGER NOT NULL,
        Price_Offer NUMERIC NOT NULL, CONSTRAINT Key_Promo PRIMARY KEY (Key_Promo)
    )
    """,
)
INSERT_WEB = "INSERT INTO Web VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
INSERT_FINANCE = "INSERT INTO Finance VALUES (?,?,?,'taxable',?,?,?)"
INSERT_SALES = "INSERT INTO Sales VALUES (?,?,?,?)"
INSERT_PROMO = "INSERT INTO Promo VALUES (?,?,?,?,?)"

CA_PAR_SEGMENT = "CREATE TABLE ca_par_segment (segment VARCHAR NOT NULL, revenue VARCHAR NOT NULL)"
INSERT_CA_PAR_SEGMENT = "INSERT INTO ca_par_segment VALUES (?,?)"
