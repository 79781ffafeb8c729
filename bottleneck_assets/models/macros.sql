-- The macros that every model may call: types, rounding, and what DuckDB and Spark would read differently, each said once.

-- money, in euros: rounded half up to the hundredth of a cent
create macro euros(amount) as cast(amount as decimal(18, 4));

-- a price of one unit, as precise as the export
create macro price(amount) as cast(amount as decimal(18, 8));

-- a whole number: sums of them are wider in DuckDB, and would be doubles in a file
create macro as_count(number) as cast(number as bigint);

-- a number with a fraction, where exactness no longer matters: in ratios, spreads and logarithms
create macro as_number(number) as cast(number as double);

-- null where the divisor is 0
create macro ratio(numerator, divisor) as cast(numerator as double) / nullif(cast(divisor as double), 0);
