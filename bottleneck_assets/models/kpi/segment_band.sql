-- one row per month and segment with stock: the margin rate to expect, and the band of what chance explains
with

margins as (
    select
        month,
        segment,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(gross_margin)) as gross_margin,
        sum(units_promo) > 0 as has_campaign
    from clean.sales_in_period
    where is_stocked
    group by month, segment
),

rates as (
    select
        *,
        ratio(gross_margin, revenue_excl_vat) as gross_margin_rate
    from margins
),

-- what to expect is read from the months without a campaign
quiet as (
    select
        month,
        segment,
        gross_margin_rate,
        row_number() over (partition by segment order by month) as place,
        count(*) over (partition by segment) as months,
        abs(gross_margin_rate - lag(gross_margin_rate) over (partition by segment order by month)) as move
    from rates
    where not has_campaign and gross_margin_rate is not null
),

-- 3.14 median moves are three standard deviations; where hardly anything moves, a hundredth of the level; of fewer than 6 months, no band
bands as (
    select
        segment,
        median(gross_margin_rate) as level_of_all,
        greatest(3.14 * median(move), 0.01 * abs(median(gross_margin_rate))) as half
    from quiet
    where months >= 6
    group by segment
),

-- a step: the split in two, three months or more each, that leaves the least distance from the two medians
splits as (
    select
        before.segment,
        before.place,
        before.month,
        months.gross_margin_rate,
        months.place < before.place as is_before
    from quiet as before
    inner join quiet as months on before.segment = months.segment
    where before.place > 3 and before.place <= before.months - 2
),

levels as (
    select
        segment,
        place,
        month,
        median(case when is_before then gross_margin_rate end) as level_before,
        median(case when not is_before then gross_margin_rate end) as level_after
    from splits
    group by segment, place, month
),

distances as (
    select
        levels.segment,
        levels.place,
        levels.month,
        levels.level_before,
        levels.level_after,
        total(
            exact(abs(splits.gross_margin_rate - case when splits.is_before then levels.level_before else levels.level_after end))
        ) as distance
    from levels
    inner join splits on levels.segment = splits.segment and levels.place = splits.place
    group by levels.segment, levels.place, levels.month, levels.level_before, levels.level_after
),

-- taken where the two levels differ by more than chance explains
steps as (
    select
        distances.segment,
        distances.month as steps_on,
        distances.level_before,
        distances.level_after
    from distances
    inner join bands on distances.segment = bands.segment
    where abs(distances.level_after - distances.level_before) > bands.half
    qualify row_number() over (partition by distances.segment order by distances.distance asc, distances.place asc) = 1
),

expected as (
    select
        rates.*,
        bands.half,
        coalesce(rates.month = steps.steps_on, false) as is_step,
        case
            when steps.steps_on is null then bands.level_of_all
            when rates.month < steps.steps_on then steps.level_before
            else steps.level_after
        end as expected_margin_rate,
        steps.level_before,
        steps.level_after
    from rates
    left join bands on rates.segment = bands.segment
    left join steps on rates.segment = steps.segment
)

select
    month,
    segment,
    revenue_excl_vat,
    gross_margin,
    gross_margin_rate,
    has_campaign,
    expected_margin_rate,
    expected_margin_rate - half as margin_rate_low,
    expected_margin_rate + half as margin_rate_high,
    case
        when expected_margin_rate is null or gross_margin_rate is null then null
        when gross_margin_rate < expected_margin_rate - half then 'below'
        when gross_margin_rate > expected_margin_rate + half then 'above'
        else 'within'
    end as margin_state,
    euros((gross_margin_rate - expected_margin_rate) * revenue_excl_vat) as margin_gap,
    is_step,
    case when is_step then level_before end as margin_rate_before
from expected
order by month, segment
