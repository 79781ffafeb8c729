-- one row per promotion with more units in Sales_Offer than in Sales, the most first
with

sales as (
    select
        sales.month,
        sales.sku,
        -- what the export's Sales gives
        case when parameters.promo_units = 'included' then sales.units else sales.units_regular end as units_sold
    from clean.sales as sales
    cross join raw.parameters as parameters
)

select
    promo.month,
    promo.sku,
    web.title,
    sales.units_sold,
    promo.units_promo as units_offered,
    promo.units_promo - sales.units_sold as excess_units
from clean.promo as promo
inner join sales on promo.month = sales.month and promo.sku = sales.sku
left join clean.web as web on promo.sku = web.sku
where promo.units_promo > sales.units_sold
order by excess_units desc, promo.month asc, promo.sku asc
