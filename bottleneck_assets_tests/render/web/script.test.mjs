/* The dashboard's modules by themselves, over a page of two products and two months: what is chosen, and how it is said. */
import assert from "node:assert/strict";
import { test } from "node:test";

const columns = (rows) => Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));
const product = (sku, segment, product_type, abc_class, rank) => ({ sku, segment, product_type, abc_class, rank, products: sku ? 1 : 7, title: `No ${sku}`, is_stocked: true });
const sale = (product, month, units, revenue) => ({ product, month, units, revenue });
const price = (month, segment, product_type, purchase_cost) => ({ month, segment, product_type, purchase_cost });
const words = (en, fr = en) => ({ en, fr });
const expect = (month, segment, rate, expected, where) => ({ month, segment, rate, expected, low: expected && expected - 0.06, high: expected && expected + 0.06, where, quiet: rate === 0.35 });
const sum = (part, grain) => ({ grain, format: "euros", change: "relative", good: 1, label: { en: part, fr: part }, combination: { op: "sum", part } });
const tab = (name, cards) => ({ name, cards, charts: [{ measures: [{ measure: cards[0] }] }], table: { shows: [{ column: "sku" }] } });
const page = {
  texts: {
    not_by: words("not told apart by {kind}", "non ventilé par {kind}"), kind_campaign: words("campaign"), kind_sku: words("product"), kind_abc_class: words("ABC class", "classe ABC"),
    range: words("{from} to {to}", "{from} à {to}"), whole_shop: words("Whole shop", "Toute la boutique"), compared: words("{change} on {range}"), compared_not: words("not compared: {why}"), compared_column: words("{label}, before", "{label}, avant"),
    compared_from: words("figures begin in {month}"), compared_finding: words("of the whole export"), compared_unknown: words("no figure for {range}"), points: words("{value} pt"), abc_label: words("Class {class}", "Classe {class}"),
    said: words("said", "dit"), verdict_supported: words("supported", "étayé"), where_below: words("below"), band_meant: words("signs"), band_axes: words("axes"), band_none: words("no band: {segments}"), band_unknown: words("no figure: {segment}, {months}"),
    band_not_stocked: words("no stock: {segments}"), band_outside: words("Outside: {months}."), band_within: words("None outside."), band_month: words("{segment} in {month} ({state})"), kind_type: words("product type"), audience_CEO: words("CEO", "Direction générale"), other_products: words("other products", "autres produits"),
  },
  figures: {
    months: ["2022-12-01", "2023-01-01"], months_before: ["2022-11-01"], bounds_failed: [], moments: { period_end: "2023-01-31", stock_date: null }, heads: { value: "Valeur", sentence_fr: "Conseil" }, facts_before: columns([sale(0, 0, 4, 15), sale(1, 0, 1, 50)]), whole: {}, shades: [["Vin", "c0"], ["Huile", "c1"]],
    advice: [
      { recommendation: "cash", supported: 9, contradicted: 9, yearly_effect: 99, summary_en: "all", advice_fr: "Déstocker" },
      { recommendation: "costs", supported: 8, contradicted: 0, yearly_effect: 0, summary_en: "whole" },
    ],
    columns: Object.fromEntries(["product", "sku", "segment", "abc_class", "rank", "cumulative_revenue_share", "month", "rate", "expected", "where"].map((name) => [name, { label: { en: name, fr: name }, format: "count" }])),
    tabs: [tab("overview", ["revenue", "roi"]), tab("inflation_margin", ["index"]), tab("promotions_roi", ["roi"])],
    products: columns([product(1, "Vin", "Rouge", "A", 2), product(2, "Huile", "Olive", "B", 1), product(null, "Vin", "Blanc", "C", 3), product(4, "Vin", "Rouge", "C", 5)]),
    facts: columns([sale(0, 0, 2, 20), sale(0, 1, 3, 30), sale(1, 0, 5, 100), sale(2, 0, 7, 10), sale(2, 1, 7, 10), sale(3, 1, 0, 0)]),
    baskets: columns([price("2022-12-01", "Vin", "Rouge", 100), price("2023-01-01", "Vin", "Rouge", 110), price("2023-01-01", "Huile", "Olive", 7)]),
    tables: { margins: { rows: columns([
      expect("2022-12-01", "Vin", 0.2, 0.3, "below"), expect("2023-01-01", "Vin", 0.35, 0.3, "within"), expect("2022-12-01", "Huile", null, null, null), expect("2023-01-01", "Huile", 0.4, null, null),
    ]) } },
    promotions: columns([
      { month: "2023-01-01", sku: 1, starts_on: "2023-01-09", ends_on: "2023-01-20", segment: "Vin", product_type: "Rouge", discount_cost: 2 },
      { month: "2023-01-01", sku: 8, starts_on: "2023-01-09", ends_on: "2023-01-20", segment: "Vin", product_type: "Blanc", discount_cost: 6 },
    ]),
    findings: columns([
      { rank: 2, recommendation: "cash", sku: null, segment: "Vin", product_type: null, month: null, verdict: "contradicted", yearly_effect: 3, sentence_en: "two" },
      { rank: 1, recommendation: "cash", sku: 1, segment: "Vin", product_type: "Rouge", month: null, verdict: "supported", yearly_effect: 5, sentence_en: "one" },
      { rank: 3, recommendation: "costs", sku: null, segment: "Vin", product_type: null, month: null, verdict: "supported", yearly_effect: 2, sentence_en: "three" },
    ]),
    measures: {
      grains: {
        sale: { dimensions: ["month", "segment", "product_type", "sku"], unmoved: {}, undefined: {} },
        finding: { dimensions: ["month", "segment", "product_type", "sku"], unmoved: {}, undefined: {} },
        promotion: { dimensions: ["month", "segment", "product_type", "sku"], unmoved: {}, undefined: {} },
        price: { dimensions: ["month", "segment", "product_type"], unmoved: {}, undefined: { sku: { en: "of many", fr: "de plusieurs" } } },
      },
      parts: { sold: { op: "counted", column: "sku", condition: { op: "compare", column: "units", sign: ">", other: 0 } } },
      measures: {
        revenue: sum("revenue", "sale"),
        last: { grain: "sale", combination: { op: "latest", part: "revenue" } },
        share: { grain: "sale", format: "rate", change: "points", good: -1, combination: { op: "ratio", of: { op: "sum", part: "revenue" }, over: { op: "whole", of: { op: "sum", part: "revenue" } }, times: 1 } },
        roi: sum("discount_cost", "promotion"),
        index: { grain: "price", format: "one", change: "relative", good: 0, combination: { op: "index", part: "purchase_cost" } },
        sold: { grain: "sale", combination: { op: "distinct", column: "sku", part: "sold" } },
      },
    },
  },
};
globalThis.document = { getElementById: (id) => ({ textContent: JSON.stringify(page[id]) }), documentElement: { clientWidth: 1280 } };
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "", fontSize: "16px" });
const { cut, say, scopeSaid, tick, unaccented, write } = await import(`${process.env.SCRIPTS}/format.js`);
const { figure, remark } = await import(`${process.env.SCRIPTS}/measures.js`);
const { appliesTo, change, chosen, focusOn, scopeOf, state } = await import(`${process.env.SCRIPTS}/selection.js`);
const { dimensions, pooled } = await import(`${process.env.SCRIPTS}/dimensions.js`);
const { figures, segments } = await import(`${process.env.SCRIPTS}/figures.js`);
const { finder } = await import(`${process.env.SCRIPTS}/listed.js`);
const { column } = await import(`${process.env.SCRIPTS}/parts.js`);
const { bands } = await import(`${process.env.SCRIPTS}/marks/bands.js`);
const { bars } = await import(`${process.env.SCRIPTS}/marks/bars.js`);
const { pareto } = await import(`${process.env.SCRIPTS}/marks/pareto.js`);
const { found } = await import(`${process.env.SCRIPTS}/advice.js`);
const { compared, comparison } = await import(`${process.env.SCRIPTS}/compare.js`);
const { csv, fileName } = await import(`${process.env.SCRIPTS}/downloads.js`);

const { recall, remember } = await import(`${process.env.SCRIPTS}/address.js`);
globalThis.location = { hash: "" };
const steps = [];
globalThis.history = {
  pushState: (_, __, address) => { steps.push(address); location.hash = address; },
  replaceState: (_, __, address) => { location.hash = address; },
};

const everything = { language: "en", segment: "", type: "", from: 0, to: 1, compare: "", focus: null, search: "", sort: "" };
const having = (given, of) => {
  change({ ...everything, ...given });
  return of();
};

test("an address gives back all that was chosen, in sixty ways", () => {
  let seed = 20;
  const any = (choices) => choices[(seed = (seed * 16807) % 2147483647) % choices.length];
  const focuses = [["sku", 2], ["sku", 8], ["abc_class", "A"], ["campaign", "2023-01-09|2023-01-20|Rouge"]].map(([kind, value]) => ({ kind, value }));
  for (let at = 0; at < 60; at += 1) {
    const chosen = having({
      tab: any(["overview", "promotions_roi"]), language: any(["en", "fr"]), segment: any(["", "Vin", "Huile"]), type: any(["", "Rouge"]),
      from: any([0, 1]), to: 1, compare: any(["", "before"]), focus: any([null, ...focuses]), search: any(["", "Château & #1?"]), sort: any(["", "revenue.asc"]),
    }, () => ({ ...state }));
    remember(true);
    change({ ...everything, tab: "inflation_margin" });
    recall();
    assert.deepEqual({ ...state }, chosen);
  }
});

test("what an address says wrongly is as at the beginning", () => {
  location.hash = "#overview?segment=Bi%C3%A8re&type=Olive&from=2020-01&compare=year&sku=9&abc_class=Z&lang=de"; // no month is known a year before
  having({ segment: "Vin" }, recall);
  assert.deepEqual({ ...state }, { ...everything, tab: "overview", type: "Olive" });
});

test("only what the reader does is a step back, and nothing is one twice", () => {
  having({}, () => remember(false));
  const before = steps.length;
  having({ segment: "Vin" }, () => remember(true));
  remember(true);
  having({ segment: "Vin", search: "a" }, () => remember(false));
  assert.equal(steps.length, before + 1);
});

test("what is chosen is compared with as many months before it, under the same filters", () => {
  const said = (name, given) => having({ compare: "before", ...given }, () => comparison(name));
  assert.deepEqual(said("revenue", { from: 1 }), { said: "−€90 (−69%) on December 2022", taste: -1 });
  assert.deepEqual(said("revenue", { to: 0 }), { said: "+€65 (+100%) on November 2022", taste: 1 });
  assert.deepEqual(said("revenue", { to: 0, segment: "Vin" }), { said: "+€15 (+100%) on November 2022", taste: 1 });
  assert.deepEqual(said("share", { to: 0, segment: "Vin" }), { said: "0.0 pt on November 2022", taste: 0 });
  assert.deepEqual(said("share", { from: 1, segment: "Vin" }), { said: "+76.9 pt on December 2022", taste: -1 });
});

test("where there is nothing to compare with, it says why", () => {
  const said = (name, given) => having({ compare: "before", ...given }, () => [compared(name).scope, comparison(name).said]);
  assert.deepEqual(said("revenue", {}), [null, "not compared: figures begin in November 2022"], "half of what would be needed is not compared");
  assert.deepEqual(said("revenue", { compare: "year" }), [null, "not compared: figures begin in November 2022"]);
  assert.deepEqual(said("roi", { to: 0 }), [null, "not compared: figures begin in December 2022"]);
  assert.equal(said("roi", { from: 1 })[1], "not compared: no figure for December 2022");
  assert.equal(said("index", { from: 1 })[1], "+17.0 (+17%) on December 2022");
  assert.equal(said("revenue", { from: 1, segment: "Huile" })[1], "not compared: no figure for January 2023");
  assert.deepEqual(said("index", { from: 1, focus: { kind: "sku", value: 1 } })[1], "", "the card says already why it has no figure");
});

test("a focus goes along to each tab that shows what it chooses among", () => {
  const to = (kind) => ["overview", "inflation_margin", "promotions_roi"].map((name) => appliesTo({ kind, value: "" }, name));
  assert.deepEqual([to("campaign"), to("abc_class"), to("recommendation")], [[true, false, true], [true, false, true], [false, false, false]]);
});

test("a name that is too long keeps its end, by which it differs from others", () => {
  assert.equal(cut("Champagne Egly-Ouriet Grand Cru 2008", 24), "Champagne Egly…Cru 2008");
  assert.equal(cut("Champagne Egly-Ouriet", 24), "Champagne Egly-Ouriet");
});

test("segments stand in the order of their revenue, whatever is filtered", () => assert.deepEqual(segments, ["Huile", "Vin"]));

test("a segment has the colour that the release gives it, whatever its revenue here", () => assert.deepEqual(segments.map(dimensions.segment.shade), ["c1", "c0"]));

test("each filter leaves its rows, and a chart may leave one filter out", () => {
  const revenue = (given, except) => having(given, () => figure("revenue", chosen(except)));
  assert.equal(revenue({}), 170);
  assert.equal(revenue({ segment: "Vin" }), 70);
  assert.equal(revenue({ type: "Rouge" }), 50);
  assert.equal(revenue({ from: 1 }), 40);
  assert.equal(revenue({ focus: { kind: "sku", value: 1 }, to: 0 }), 20);
  assert.equal(revenue({ focus: { kind: "abc_class", value: "B" } }), 100);
  assert.equal(revenue({ segment: "Vin", type: "Rouge" }, "segment"), 50);
});

test("a product type that the chosen segment lacks is let go", () => assert.equal(having({ type: "Olive" }, () => (change({ segment: "Vin" }), state.type)), ""));

test("to focus on what is in focus lets go of it", () => {
  assert.deepEqual(having({}, () => (focusOn("sku", 1), state.focus)), { kind: "sku", value: 1 });
  focusOn("sku", 1);
  assert.equal(state.focus, null);
});

test("the last month, the whole shop and the first month are looked up beside what is chosen", () => {
  assert.equal(having({ segment: "Vin" }, () => figure("last", chosen())), 40);
  assert.equal(having({ segment: "Vin" }, () => figure("share", chosen())), 70 / 170);
  assert.equal(having({ segment: "Vin", from: 1 }, () => figure("index", chosen())).toFixed(9), "110.000000000");
});

test("what is not known is null, and never zero", () => {
  assert.equal(having({ segment: "Huile", from: 1 }, () => figure("revenue", chosen())), null);
  assert.equal(having({ segment: "Huile" }, () => figure("index", chosen())), null, "it has no price in the first month");
});

test("an index of one product is not the shop's: it is none, and says why", () => {
  const given = { focus: { kind: "sku", value: 1 } };
  assert.equal(having(given, () => figure("index", chosen())), null);
  assert.equal(remark("index", chosen()), "of many");
  assert.equal(having({ ...given, language: "fr" }, () => remark("index", chosen())), "de plusieurs");
  assert.equal(having({}, () => figure("index", chosen("focus"))), 117);
});

test("a dash says which kind of focus leaves no figure", () => {
  const why = (kind, value, name, language = "en") => having({ language, focus: { kind, value } }, () => [figure(name, chosen()), remark(name, chosen())]);
  assert.deepEqual(why("campaign", "2023-01-09|2023-01-20|Rouge", "revenue"), [null, "not told apart by campaign"]);
  assert.deepEqual(why("abc_class", "A", "index", "fr"), [null, "non ventilé par classe ABC"]);
  assert.deepEqual(why("campaign", "2023-01-09|2023-01-20|Rouge", "roi"), [2, ""]);
  assert.deepEqual(why("sku", 8, "roi"), [6, ""], "a promotion of a product that is kept in a group");
  assert.deepEqual(why("sku", 8, "revenue"), [null, "not told apart by product"]);
});

test("advice is that of what is chosen: its findings counted, the first in its own words", () => {
  const said = (given) => having(given, () => found().map((row) => [row.recommendation, row.supported, row.contradicted, row.yearly_effect, row.summary_en]));
  const [cash, costs] = [["cash", 9, 9, 99, "all"], ["costs", 8, 0, 0, "whole"]];
  assert.deepEqual(said({}), [cash, costs]);
  assert.deepEqual(said({ focus: { kind: "recommendation", value: "costs" } }), [costs]);
  assert.deepEqual(said({ segment: "Vin" }), [["cash", 1, 1, 5, "one"], ["costs", 1, 0, 2, "three"]]);
  assert.deepEqual(said({ type: "Rouge" }), [["cash", 1, 0, 5, "one"]]);
  assert.deepEqual(said({ focus: { kind: "sku", value: 1 } }), [["cash", 1, 0, 5, "one"]]);
  assert.deepEqual(said({ focus: { kind: "abc_class", value: "B" } }), []);
});

test("a sum of many amounts is exact to the cent", () => {
  const cents = [0.1, 0.2, 0.3, 123456789.1234, -0.0034];
  column("sale", "revenue").set(cents);
  assert.equal(having({}, () => figure("revenue", chosen())), 123456789.72);
  column("sale", "revenue").set(page.figures.facts.revenue);
});

test("products that are not kept one by one are not counted twice", () => {
  assert.equal(having({ type: "Rouge" }, () => figure("sold", chosen())), 1);
  assert.equal(having({}, () => figure("sold", chosen())), null, "of two months it is not known which were the same");
});

test("products in order end where one that is kept in a group could stand, and have the ranks of the release", () => {
  const declared = { by: ["product"], measures: [{ measure: "revenue" }, { column: "cumulative_revenue_share" }], series: "abc_class", tips: [] };
  const [revenue, last] = [column("sale", "revenue"), page.figures.facts.revenue.length - 1];
  revenue[last] = 1000; // the one that stands behind the group by rank is not put before it
  const drawn = having({ segment: "Vin" }, () => pareto(declared));
  revenue[last] = 0;
  assert.deepEqual([drawn.first, drawn.fields.map(([name, of]) => [name, drawn.listed.map(of)])], [1, [
    ["sku", [1]], ["title", ["No 1"]], ["revenue", [50]], ["cumulative_revenue_share", [50 / 1070]], ["abc_class", ["A"]], ["rank", [2]]]]);
  assert.equal(having({ segment: "Huile" }, () => pareto(declared).first), 0, "nothing of it is kept in a group");
});

test("a chart of the first ones says that it is, and how many stand in groups", () => {
  const declared = { by: ["product"], mark: "bar", measures: [{ measure: "revenue" }], series: "segment", tips: [], first: 1 };
  assert.deepEqual(having({}, () => [bars(declared).first, pooled("product", "product")]), [1, { count: 7, whole: 10 }]);
  assert.deepEqual(having({ segment: "Huile" }, () => [bars(declared).first, pooled("product", "product").count]), [0, 0]);
});

test("a scope is split by what products have, and each part keeps to it in other months", () => {
  const parts = having({}, () => scopeOf([1]).by((row) => row.segment));
  assert.deepEqual(parts.map(({ value, scope }) => [value, figure("revenue", scope)]), [["Vin", 40], ["Huile", null]]);
  assert.equal(figure("revenue", parts[0].scope.during([0])), 30);
});

test("figures are written with the reader's signs", () => {
  const both = (way, value) => ["en", "fr"].map((language) => having({ language }, () => write[way](value)).replace(/[\u00a0\u202f]/g, "_"));
  assert.deepEqual(both("euros", 1234567.4), ["€1,234,567", "1_234_567_€"]);
  assert.deepEqual(both("euros", -9.25), ["−€9.25", "−9,25_€"]);
  assert.deepEqual(both("rate", 0.4607), ["46.1%", "46,1_%"]);
  assert.deepEqual(both("change", 0.0834), ["+8.3%", "+8,3_%"]);
  assert.deepEqual(both("change", -0.195), ["−20%", "−20_%"]);
  assert.deepEqual(both("two", 2.367), ["2.37", "2,37"]);
  assert.deepEqual(both("count", null), ["–", "–"]);
  assert.deepEqual(both("month", 1), ["January 2023", "janvier 2023"]);
});

test("September is short as the reports write it, and an axis names its years", () => {
  assert.equal(having({}, () => write.days("2023-09-01", "2023-09-30")).replace(/\s/g, " "), "1 – 30 Sep 2023");
  assert.deepEqual([0, 1].map(tick), [["Dec", "2022"], ["Jan", "2023"]]);
});

test("all that is chosen is said in one line", () => {
  assert.equal(having({}, scopeSaid), "Whole shop · December 2022 to January 2023");
  assert.equal(having({ segment: "Vin", to: 0, focus: { kind: "abc_class", value: "A" } }, scopeSaid), "Vin · Class A · December 2022");
  assert.equal(having({ language: "fr", focus: { kind: "sku", value: 2 } }, scopeSaid), "No 2 · décembre 2022 à janvier 2023");
  assert.equal(say("a text that is missing"), "a text that is missing");
});

test("a CSV is quoted, and runs nothing in a spreadsheet", () => {
  const fields = [["name", (row) => row[0]], ["value", (row) => row[1]]];
  assert.equal(csv(fields, [["=1+1", 1.5], ['a "b", c', null]]), "name,value\n'=1+1,1.5\n\"a \"\"b\"\", c\",\n");
  assert.equal(csv(fields, [["-1", -1.5]]), "name,value\n'-1,-1.5\n", "a number is no formula");
  assert.equal(unaccented("Château"), "Chateau");
});

test("French Excel gets semicolons, decimal commas and a byte order mark", () => {
  const fields = [["name", (row) => row[0]], ["value", (row) => row[1]]];
  assert.equal(csv(fields, [["1.5; 2", 1234.5], ["=x", null]], "fr.csv"), '\ufeffname;Valeur\r\n"1.5; 2";1234,5\r\n\'=x;\r\n');
  assert.equal(csv([["value_compared", () => 1.5]], [[]], "fr.csv"), '\ufeff"Valeur, avant"\r\n1,5\r\n');
});

test("French Excel is told in French what the tables hold as codes, whatever the page is in, and another CSV is not", () => {
  const rows = [{ verdict: "supported", audience: "CEO", recommendation: "cash", scope: "other products" }, { verdict: null }];
  const fields = [...["verdict", "audience", "recommendation", "scope"].map((name) => [name, (row) => row[name]]), ["sentence_en", () => say("said")]];
  const lines = (form) => having({ language: "en" }, () => csv(fields, rows, form)).split(/\r?\n/);
  assert.deepEqual(lines("fr.csv").slice(1, 3), ["étayé;Direction générale;Déstocker;autres produits;dit", ";;;;dit"]);
  assert.equal(lines("fr.csv")[0].endsWith(";Conseil"), true, "and the sentence that stands there is the French one");
  assert.deepEqual(lines("csv").slice(0, 2), ["verdict,audience,recommendation,scope,sentence_en", "supported,CEO,cash,other products,said"]);
  assert.equal(state.language, "en");
});

test("a file is named for its tab and for all that is chosen", () => {
  assert.equal(having({}, () => fileName("overview", "units")), "overview_units");
  const chosen = { segment: "Vin", type: "Rouge", to: 0, focus: { kind: "campaign", value: "2022-12-01|2022-12-31|Huile d’olive" } };
  assert.equal(having(chosen, () => fileName("promotions_roi", "promotions_table", "Château / b")),
    "promotions_roi_promotions_table_Vin_Rouge_2022-12-01-2022-12-31-Huile-d-olive_2022-12_Chateau-b");
  assert.equal(having({}, () => fileName("t", "c")), "t_c");
});

test("a table is searched by words, phrases and what is not to be there, and equal rows come in their own order", () => {
  const name = { isText: true, isSought: true, name: "title", of: (row) => row.title, written: (row) => row.title };
  const rank = { isText: false, isSought: false, name: "rank", of: (row) => row.rank, written: (row) => String(row.rank) };
  const sku = { isText: false, isSought: true, name: "sku", of: (row) => row.sku, written: (row) => String(row.sku) };
  const units = { isText: false, isSought: false, name: "units", of: (row) => row.units, written: (row) => String(row.units) };
  const rows = [["Ch\u00e2teau Noir", 2, 5], ["Clos noir", 1, null], ["Noir, le Ch\u00e2teau", null, 5], ["Huile", 3, 7]]
    .map(([title, rank, units], at) => ({ title, rank, units, sku: 15 + at }));
  const titles = (search, column, way) => finder(rows, [name, rank, units, sku])(search, column, way).map(({ title }) => title);
  assert.deepEqual(titles("", units, "desc"), ["Huile", "Noir, le Ch\u00e2teau", "Ch\u00e2teau Noir", "Clos noir"]);
  assert.deepEqual(titles("", rank, "asc"), ["Clos noir", "Ch\u00e2teau Noir", "Huile", "Noir, le Ch\u00e2teau"]);
  assert.deepEqual(titles("noir chateau", name, "asc"), ["Ch\u00e2teau Noir", "Noir, le Ch\u00e2teau"]);
  assert.deepEqual(titles('"CH\u00c2TEAU noir"', name, "asc"), ["Ch\u00e2teau Noir"]);
  assert.deepEqual(titles("noir !chateau", name, "asc"), ["Clos noir"]);
  assert.deepEqual(titles("7", name, "asc"), ["Noir, le Ch\u00e2teau"], "a number that names something is found, a figure is not");
});

const banded = (given = {}) => having(given, () => bands(/** @type {any} */ ({
  by: ["month"], series: "segment", measures: [{ column: "rate" }], tips: [{ column: "expected" }], rows: "margins", band: { expected: "expected", low: "low", high: "high", state: "where", aside: "quiet" },
})));

test("a band is drawn in the order of the segments, and what lies outside it, has none or is not known is named", () => {
  const { rows, notes, more, why, listed, named } = banded();
  assert.deepEqual(rows.map(({ month, segment }) => [month, segment]), [[0, "Vin"], [1, "Huile"], [1, "Vin"]]);
  assert.deepEqual(listed.map(named), [["December 2022", "Vin"], ["January 2023", "Huile"], ["January 2023", "Vin"]]);
  assert.deepEqual([notes, more, why], [["axes", "signs", "no band: Huile", "no figure: Huile, December 2022"], ["Outside: Vin in December 2022 (below)."], ""]);
  assert.deepEqual(banded({ from: 1 }).more, ["None outside."], "of the months that are chosen");
  const oil = banded({ segment: "Huile", from: 1 });
  assert.deepEqual([oil.notes, oil.more], [["axes", "no band: Huile"], []]);
});

test("a band says why there is none where its table knows nothing of what is chosen", () => {
  const of = (given) => ((chart) => [chart.rows.length, chart.listed.length, chart.why])(banded(given));
  assert.deepEqual(of({ segment: "Vin", type: "Rouge" }), [0, 0, "not told apart by product type"]);
  assert.deepEqual(of({ focus: { kind: "sku", value: 1 } }), [0, 0, "not told apart by product"]);
  figures.tables.margins.rows = columns([expect("2022-12-01", "Vin", 0.2, null, null)]);
  assert.deepEqual(of({ segment: "Huile" }), [0, 0, "no stock: Huile"]);
  assert.deepEqual(banded().notes, ["axes", "no band: Vin", "no figure: Vin, January 2023", "no stock: Huile"]);
});
