-- one row per month and segment whose margin rate left its band or stepped; and one per segment with none
with

bands as (
    select
        month,
        segment,
        revenue_excl_vat,
        gross_margin_rate,
        has_campaign,
        expected_margin_rate,
        margin_rate_low,
        margin_rate_high,
        margin_state,
        margin_gap,
        is_step,
        margin_rate_before,
        count(*) over (partition by segment) as months
    from kpi.segment_band
),

stepped as (
    select
        bands.segment,
        bands.month,
        euros(sum(later.revenue_excl_vat)) as revenue_since
    from bands
    inner join bands as later on bands.segment = later.segment and bands.month <= later.month
    where bands.is_step
    group by bands.segment, bands.month
),

-- the cost and the price of the goods, by the month's index over that of the month before: which of the two moved
price_moves as (
    select
        month,
        segment,
        ratio(purchase_price_index, lag(purchase_price_index) over (partition by segment order by month)) - 1 as cost_move,
        ratio(price_index, lag(price_index) over (partition by segment order by month)) - 1 as price_move
    from kpi.purchase_price
),

found as (
    select
        bands.*,
        case
            when bands.is_step and bands.expected_margin_rate < bands.margin_rate_before then 'margin_stepped_down'
            when bands.is_step then 'margin_stepped_up'
            when bands.has_campaign and bands.margin_state = 'below' then 'campaign_cut_margin'
            when bands.margin_state = 'below' then 'margin_fell'
            when bands.margin_state = 'above' then 'margin_rose'
        end as finding
    from bands
),

shown as (
    select
        segment,
        month,
        finding,
        months,
        revenue_excl_vat,
        gross_margin_rate,
        expected_margin_rate,
        margin_rate_low,
        margin_rate_high,
        margin_rate_before,
        margin_gap
    from found
    where finding is not null
    union all
    select
        segment,
        cast(null as date) as month,
        case when count(margin_state) > 0 then 'steady' else 'too_short' end as finding,
        max(months) as months,
        euros(null) as revenue_excl_vat,
        as_number(null) as gross_margin_rate,
        as_number(null) as expected_margin_rate,
        as_number(null) as margin_rate_low,
        as_number(null) as margin_rate_high,
        as_number(null) as margin_rate_before,
        euros(null) as margin_gap
    from found
    group by segment
    having count(finding) = 0
),

valued as (
    select
        shown.*,
        price_moves.cost_move,
        price_moves.price_move,
        -- a step counts in every month since; a month outside counts alone
        case
            when stepped.month is not null
                then euros((shown.expected_margin_rate - shown.margin_rate_before) * stepped.revenue_since)
            else shown.margin_gap
        end as margin_against_band
    from shown
    left join stepped on shown.segment = stepped.segment and shown.month = stepped.month
    left join price_moves on shown.segment = price_moves.segment and shown.month = price_moves.month
)

select
    case when month is null then 'segment' else 'segment, month' end as scope_kind,
    segment || coalesce(', ' || substr(as_text(month), 1, 7), '') as scope,
    as_count(null) as sku,
    segment,
    month,
    finding,
    case when month is null then 'inconclusive' else 'supported' end as verdict,
    -- to look at a month earns nothing by itself
    euros(null) as yearly_effect,
    as_text(null) as confidence,
    months,
    gross_margin_rate,
    expected_margin_rate,
    margin_rate_low,
    margin_rate_high,
    margin_rate_before,
    margin_against_band,
    cost_move,
    price_move,
    concat_ws(
        '; ',
        figure('months', months),
        figure('gross_margin_rate', rounded(gross_margin_rate)),
        figure('expected_margin_rate', rounded(expected_margin_rate)),
        figure('margin_rate_low', rounded(margin_rate_low)),
        figure('margin_rate_high', rounded(margin_rate_high)),
        figure('margin_rate_before', rounded(margin_rate_before)),
        figure('margin_against_band', margin_against_band),
        figure('cost_move', rounded(cost_move)),
        figure('price_move', rounded(price_move))
    ) as evidence
from valued
order by segment, month, finding
