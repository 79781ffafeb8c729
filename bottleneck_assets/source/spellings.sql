-- What spellings a cell of each type may have. Macros that the typed tables of the cleaned layer call; the plain spelling comes first in each,
-- so that a plain cell costs one expression. Where a spelling has two readings, its whole column settles which is meant (clean.notations).

-- without outer white space of any kind, Unicode's and what is invisible included
create macro bare(cell) as
regexp_replace(
    cell,
    '^[\t-\r\x{1C}-\x{20}\x{85}\p{Z}\x{200B}\x{2060}\x{FEFF}]+|[\t-\r\x{1C}-\x{20}\x{85}\p{Z}\x{200B}\x{2060}\x{FEFF}]+\z', '', 'g'
);

-- with every run of white space as one space, and none outside; the expression leaves a single space alone: nearly all that a text holds
create macro white_space_folded(cell) as
trim(
    regexp_replace(
        cell,
        ' *([\t-\r\x{1C}-\x{1F}\x{85}\x{200B}\x{2060}\x{FEFF}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}\x{200B}\x{2060}\x{FEFF}]*|  +',
        ' ', 'g'
    )
);

-- '2023-1_15325', also with the '.0' of a key that once was a float; null if it is none
create macro key_spelled(cell) as
case
    when regexp_matches(cell, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then cell
    else nullif(regexp_extract(bare(cell), '^([12]\d{3}-\d{1,2}_\d{1,18})(?:[.,]0+)?\z', 1), '')
end;

-- the number of a product or an author, also with '.0'; null if it is none
create macro number_spelled(cell) as
case
    when regexp_matches(cell, '^\d{1,18}\z') then cell
    else nullif(regexp_extract(bare(cell), '^(\d{1,18})(?:[.,]0+)?\z', 1), '')
end;

-- what tells a row from the others of its table, of its key as spelled: a padded month (2023-01_15325) is the same as an unpadded one
-- (2023-1_15325). The first branch spares all other keys the expressions.
create macro record_key(spelled) as
case
    when not (contains(spelled, '-0') or contains(spelled, '_0') or spelled like '0%') then spelled
    when regexp_matches(spelled, '^[12]\d{3}-\d{1,2}_\d{1,18}\z')
        then
            regexp_extract(spelled, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 1)
            || regexp_extract(spelled, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 2)
            || '_' || regexp_extract(spelled, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 3)
    when regexp_matches(spelled, '^\d+\z') then regexp_extract(spelled, '^0*(\d+)\z', 1)
    else spelled
end;

-- '1' or '0'; null if it is no flag
create macro flag_spelled(cell) as
case
    when cell in ('0', '1') then cell
    when lower(bare(cell)) in ('1', '1.0', '1,0', 'true', 't', 'yes', 'y', 'on', 'oui', 'o', 'vrai') then '1'
    when lower(bare(cell)) in ('0', '0.0', '0,0', 'false', 'f', 'no', 'n', 'off', 'non', 'faux') then '0'
end;

-- a number without the white space and apostrophes between its thousands; null if it is none
create macro ungrouped(number) as
case
    when
        regexp_matches(
            number,
            '^[-\x{2212}]?(?:(?:\d+|\d{1,3}(?:[\t\p{Z}''\x{2019}]\d{3})+)(?:[.,]\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?)\z'
        )
        then regexp_replace(regexp_replace(number, '^\x{2212}', '-', 'g'), '[\t\p{Z}''\x{2019}]', '', 'g')
end;

create macro without_currency(number) as
regexp_replace(
    number, '^(?:[\x{20AC}$\x{A3}]|(?i:EUR|euros?))[\t\p{Z}]*|[\t\p{Z}]*(?:[\x{20AC}$\x{A3}]|(?i:EUR|euros?))\z', '', 'g'
);

-- three digits after a single mark: thousands, or three decimals
create macro has_two_readings(number) as regexp_matches(number, '^-?[1-9]\d{0,2}[.,]\d{3}\z');

-- a number with both marks, or with one of them repeated, tells its decimal mark by itself; one that does not keeps its comma as decimal mark
create macro marked_with_dot(number) as
case
    when number like '%,%.%' or number like '%,%,%' then replace(number, ',', '')
    when number like '%.%,%' or number like '%.%.%' then replace(replace(number, '.', ''), ',', '.')
    else replace(number, ',', '.')
end;

-- an amount, tidied: with a dot if it is plain, else after a tilde, without white space and currency; null if it is none
create macro amount_tidied(cell) as
case
    when regexp_matches(cell, '^\d{1,6}([.,](\d{1,2}|\d{4,}))?\z') then replace(cell, ',', '.')
    else '~' || ungrouped(without_currency(bare(cell)))
end;

-- a tidied amount with a dot and no grouping; after a question mark where it has two readings
create macro amount_spelled(tidied) as
case
    when tidied not like '~%' then tidied
    when has_two_readings(substring(tidied, 2)) then '?' || substring(tidied, 2)
    else marked_with_dot(substring(tidied, 2))
end;

-- what is meant by an amount of two readings, given what its column says of commas and of dots; null where that is open
create macro settled(spelled, comma, dot) as
case
    when case when contains(spelled, ',') then comma else dot end = 'decimal' then replace(substring(spelled, 2), ',', '.')
    when case when contains(spelled, ',') then comma else dot end = 'grouping' then regexp_replace(spelled, '[?~.,]', '', 'g')
end;

-- a count, tidied: itself if it is plain, else after a tilde, without white space; null if it is none
create macro count_tidied(cell) as case when regexp_matches(cell, '^\d{1,7}\z') then cell else '~' || ungrouped(bare(cell)) end;

-- a tidied count with its sign, without grouping and '.0'; null if its column leaves open what it is
create macro count_spelled(tidied, comma, dot) as
case
    when tidied not like '~%' then tidied
    else
        nullif(
            regexp_extract(
                case
                    when has_two_readings(substring(tidied, 2)) then settled(tidied, comma, dot)
                    else marked_with_dot(substring(tidied, 2))
                end,
                '^(-?0*\d{1,7})(?:\.0+)?\z', 1
            ),
            ''
        )
end;

-- the day of a date, without the time that may follow it; empty if it is none. A time of another zone may mean another day
create macro day_of(cell) as
case
    when regexp_matches(cell, '^[12]\d{3}-\d{2}-\d{2}\z') then cell
    else
        regexp_extract(
            bare(cell),
            '^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|[12]\d{7})(?:[T\p{Z}]\p{Z}*(?:\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\p{Z}?[AaPp]\.?[Mm]\.?)?'
            || '|00:00(?::00(?:[.,]0+)?)?\p{Z}?(?:Z|UTC|[-+]\d{2}:?\d{2})))?\z',
            1
        )
end;

-- the same day as year-month-day, where the year comes last and the day, or the month, first; no date where it does not
create macro day_first(day) as
regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 3)
|| '-' || regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 2)
|| '-' || regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 1);

create macro month_first(day) as
regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 3)
|| '-' || regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 1)
|| '-' || regexp_extract(day, '^(\d{1,2})[-/.](\d{1,2})[-/.]([12]\d{3})\z', 2);

-- the date itself, where its year comes first
create macro year_first(day) as
try_cast(
    case
        when regexp_matches(day, '^[12]\d{3}-\d{1,2}-\d{1,2}\z') then day
        when regexp_matches(day, '^[12]\d{7}\z') then substring(day, 1, 4) || '-' || substring(day, 5, 2) || '-' || substring(day, 7, 2)
        when regexp_matches(day, '^[12]\d{3}[-/.]\d{1,2}[-/.]\d{1,2}\z') then replace(replace(day, '/', '-'), '.', '-')
    end as date
);

create macro date_read(day) as try_cast(case when regexp_matches(day, '^[12]\d{3}-\d{1,2}-\d{1,2}\z') then day end as date);

-- the date that is meant, given which of day and month comes first in its column; null if it is none, or if that is open
create macro date_spelled(day, order_of_day) as
case
    when regexp_matches(day, '^[12]\d{3}') then year_first(day)
    when order_of_day = 'day first' then date_read(day_first(day))
    when order_of_day = 'month first' then date_read(month_first(day))
    when date_read(month_first(day)) is null then date_read(day_first(day))
    when date_read(day_first(day)) is null or date_read(day_first(day)) = date_read(month_first(day)) then date_read(month_first(day))
end;

-- whether a date has two readings, of which its column may or may not settle one
create macro is_day_or_month(day) as coalesce(date_read(day_first(day)) <> date_read(month_first(day)), false);

-- which reading an amount of two readings has beside another amount of its row, which is of its size: prices and costs lie within a factor of 30
create macro settled_by(spelled, other) as
case
    when
        try_cast(replace(substring(spelled, 2), ',', '.') as decimal(18, 8)) * 30 >= other
        and try_cast(replace(substring(spelled, 2), ',', '.') as decimal(18, 8)) <= other * 30
        then replace(substring(spelled, 2), ',', '.')
    when
        try_cast(regexp_replace(spelled, '[?~.,]', '', 'g') as decimal(18, 8)) * 30 >= other
        and try_cast(regexp_replace(spelled, '[?~.,]', '', 'g') as decimal(18, 8)) <= other * 30
        then regexp_replace(spelled, '[?~.,]', '', 'g')
end;

-- whether a row of Web is a product's; the pages of pictures stand among them
create macro is_product_page(post_type) as coalesce(lower(bare(post_type)), '') in ('', 'product', 'product_variation');

-- text without HTML: a tag that breaks the line is a space, any other nothing
create macro without_tags(text) as
regexp_replace(
    regexp_replace(
        text,
        '(?i)</?(?:br|p|div|li|ul|ol|dl|dt|dd|h[1-6]|hr|table|tr|td|th|pre|blockquote|section|article|header|footer)(?:[\t-\r /][^>]*)?>',
        ' ', 'g'
    ),
    '<[a-zA-Z/!][^>]*>', '', 'g'
);
