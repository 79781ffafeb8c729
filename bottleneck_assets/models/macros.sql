-- What every model may call: types, rounding, and what DuckDB and Spark would read differently, each said once. A macro may call those above it.

-- money: decimals, rounded half up to the hundredth of a cent. Sums of them are exact, whatever the order of the rows.
create macro euros(amount) as cast(amount as decimal(18, 4));

-- as precise as the export's prices: for prices, and for what is no money but must be exact
create macro exact(number) as cast(number as decimal(18, 8));

-- a whole number. DuckDB's sums of them are wider, and would be fractions in a file.
create macro as_count(number) as cast(number as bigint);

-- a number with a fraction, from where exactness no longer matters: ratios, spreads. Never summed.
create macro as_number(number) as cast(number as double);

create macro as_text(anything) as cast(anything as varchar);

-- so many times an exact amount: units at a price. Of 19 digits, since DuckDB gives a product of two decimals of 18 no more than 18.
create macro times(number, amount) as cast(number as decimal(19, 0)) * amount;

-- an exact amount at a rate such as 0.1
create macro at_rate(amount, rate) as cast(rate as decimal(19, 8)) * amount;

-- euros of such a product: by way of 18 digits where they suffice, since DuckDB rounds those many times faster
create macro euros_of(product) as coalesce(euros(try_cast(product as decimal(18, 8))), euros(product));

-- a sum that does not depend on the order of the rows: each number is rounded before it is added
create macro total(number) as cast(sum(cast(number as decimal(28, 8))) as decimal(38, 8));

-- null where the divisor is 0
create macro ratio(dividend, divisor) as as_number(dividend) / nullif(as_number(divisor), 0);

-- of the numbers that are not null
create macro mean_of(number) as ratio(total(number), count(number));

create macro calendar_year(day) as as_count(extract(year from day));

create macro calendar_month(day) as as_count(extract(month from day));

create macro month_of(day) as cast(date_trunc('month', day) as date);

-- months are neighbours where these numbers are
create macro month_ordinal(day) as calendar_year(day) * 12 + calendar_month(day);

-- what is shown with four decimals, but is no money
create macro rounded(number) as cast(number as decimal(18, 4));

-- an end of a range, without the last digits of exponentials and of long sums of fractions, which every engine has otherwise
create macro end_of_range(number) as round(as_number(number), 8);

-- a figure of a recommendation's evidence, to be joined with others by concat_ws: `lift=1.2000`; null where there is none
create macro figure(name, value) as name || '=' || as_text(value);

-- the name of a product type, in a SELECT of one row per type: one that several segments have is told apart by its segment
create macro type_name(product_type, segment) as
case when count(*) over (partition by product_type) > 1 then product_type || ' (' || segment || ')' else product_type end;

-- a rate of so many months, as of a year
create macro yearly(rate, months) as rate * ratio(12, months);

-- euros for a year, of those of some months; null beyond what an amount may be
create macro yearly_euros(amount, year_factor) as try_cast(amount * year_factor as decimal(18, 4));

-- how sure a finding is, in a word: 2.58 standard errors beyond what decides are 99 % sure, 1.64 are 90 %
create macro confidence_of(verdict, standard_errors) as
case
    when verdict = 'inconclusive' then 'low'
    when standard_errors >= 2.58 then 'high'
    when standard_errors >= 1.64 then 'medium'
    else 'low'
end;

-- how far a month's units stray from their forecast: as they did, and no less than chance alone makes rare sales stray (Poisson)
create macro spread_of(deviation, forecast) as greatest(deviation, sqrt(forecast));
