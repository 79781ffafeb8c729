"use strict";
/* The dashboard's behaviour: what the filters leave, the figures that follow from it, and how cards, charts and tables show them.

   Belongs here: everything that happens in the browser. Never here: a text that a reader sees (texts.json), a colour or a size
   (dashboard.css), or which rows there are (tables.py).

   Two rules hold throughout. A figure of a group is a sum over sums of the rows that the filters leave, never a mean of ratios. Whatever
   comes from the figures is put into the page as text: `h` makes text nodes, and the table widget, which takes markup, gets it escaped. */
(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const figures = JSON.parse(document.getElementById("figures").textContent);

  // ---- the rows, as objects: columns are only how they travel

  const rowsOf = (columns) => {
    const names = Object.keys(columns);
    const cells = names.map((name) => {
      const column = columns[name];
      return Array.isArray(column) ? column : column.places.map((place) => (place < 0 ? null : column.values[place]));
    });
    return names.length ? cells[0].map((_, row) => Object.fromEntries(names.map((name, at) => [name, cells[at][row]]))) : [];
  };
  const months = figures.months;
  const products = rowsOf(figures.products);
  const promotions = rowsOf(figures.promotions);
  const findings = rowsOf(figures.findings);
  const baskets = rowsOf(figures.baskets);
  const facts = rowsOf(figures.facts);
  const factsOfMonth = months.map(() => []);
  const productOf = new Map(products.filter((product) => product.sku !== null).map((product) => [product.sku, product]));
  for (const fact of facts) {
    fact.product = products[fact.product];
    factsOfMonth[fact.month].push(fact);
  }
  for (const row of [...promotions, ...findings]) {
    row.place = row.month ? months.indexOf(row.month) : null;
    if (row.starts_on) row.campaign = [row.starts_on, row.ends_on, row.segment].join("|");
  }
  const basketStart = baskets.reduce((first, row) => (first && first < row.month ? first : row.month), "");

  const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
  const ratio = (part, whole) => (whole ? part / whole : null);
  const groups = (rows, key) => {
    const found = new Map();
    for (const row of rows) {
      const name = key(row);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(row);
    }
    return found;
  };
  const byRevenue = (key) => {
    const found = [...groups(facts, (fact) => fact.product[key])].map(([name, rows]) => [name, sum(rows, "revenue")]);
    const sold = found.sort((one, other) => other[1] - one[1]).map(([name]) => name);
    return [...sold, ...[...new Set(products.map((product) => product[key]))].filter((name) => !sold.includes(name)).sort()];
  };
  const segments = byRevenue("segment"); // a segment keeps its colour, whatever is filtered
  const types = byRevenue("product_type");

  // ---- what is chosen

  const state = { tab: figures.tabs[0], language: "en", segment: "", type: "", from: 0, to: months.length - 1, focus: null };
  const everyMonth = () => state.from === 0 && state.to === months.length - 1;
  const chosenMonths = () => months.map((_, place) => place).filter((place) => place >= state.from && place <= state.to);
  let printing = false;

  const inFocus = (product) => {
    const focus = state.focus;
    if (!focus) return true;
    if (focus.kind === "sku") return product.sku === focus.value;
    if (focus.kind === "class") return product.abc_class === focus.value;
    if (focus.kind === "cover") return product.cover_band === focus.value;
    return true; // a campaign or a recommendation says nothing of a product
  };
  // `except` names the one filter that a chart leaves out, so that what could be chosen instead stays in sight
  const keeps = (product, except) =>
    (except === "segment" || !state.segment || product.segment === state.segment) &&
    (except === "type" || !state.type || product.product_type === state.type) &&
    (except === "focus" || inFocus(product));
  const inMonths = (place, except) => except === "month" || (place !== null && place >= state.from && place <= state.to);

  /** What the filters leave of everything, for some months; computed when it is asked for. */
  const scopeOf = (chosen, except = "", segment = null) => {
    const ours = (row) => segment === null || row.segment === segment;
    const lazily = (find) => {
      let found = null;
      return () => (found ??= find());
    };
    const scope = { months: chosen };
    const parts = {
      facts: () => chosen.flatMap((place) => factsOfMonth[place].filter((fact) => ours(fact.product) && keeps(fact.product, except))),
      products: () => products.filter((product) => ours(product) && keeps(product, except)),
      promotions: () =>
        promotions.filter(
          (row) =>
            ours(row) && chosen.includes(row.place) && keeps({ ...productOf.get(row.sku), ...row }, except) &&
            (except === "focus" || state.focus?.kind !== "campaign" || state.focus.value === row.campaign),
        ),
      // a basket is of many products: one of them alone has none here
      baskets: () => baskets.filter((row) => ours(row) && (!state.segment || row.segment === state.segment) && (!state.type || row.product_type === state.type)),
    };
    for (const [name, find] of Object.entries(parts)) Object.defineProperty(scope, name, { get: lazily(find) });
    return scope;
  };
  const chosen = (except = "") => scopeOf(except === "month" ? months.map((_, place) => place) : chosenMonths(), except);

  // ---- how things are said: in the reader's language, with the reader's signs

  const say = (key, parts = {}) => {
    const text = texts[key]?.[state.language === "fr" ? 1 : 0] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");
  };
  const writers = new Map();
  const writer = (kind, options) => {
    const key = `${state.language} ${kind.name} ${JSON.stringify(options)}`;
    if (!writers.has(key)) writers.set(key, new kind(state.language === "fr" ? "fr-FR" : "en-GB", options));
    return writers.get(key);
  };
  const written = (value, options) =>
    value === null || value === undefined || Number.isNaN(value) ? "–" : writer(Intl.NumberFormat, options).format(value).replace("-", "−").replace("\u00a0%", "\u202f%");
  const percentage = (value, options = {}) =>
    written(value, { style: "percent", maximumFractionDigits: Math.abs(value) < 0.0995 ? 1 : 0, ...options });
  const day = (iso) => new Date(`${iso}T00:00:00Z`);
  const write = {
    text: (value) => value ?? "–",
    count: (value) => written(value, { maximumFractionDigits: 0 }),
    number: (value) => written(value, { maximumFractionDigits: Math.abs(value) < 1 ? 2 : 1 }),
    two: (value) => written(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    one: (value) => written(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    euros: (value) => {
      const cents = Math.abs(value) < 9.5 && !Number.isInteger(value) ? 2 : 0;
      return written(value, { style: "currency", currency: "EUR", minimumFractionDigits: cents, maximumFractionDigits: cents });
    },
    price: (value) => written(value, { style: "currency", currency: "EUR", minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    short: (value) => written(value, { style: "currency", currency: "EUR", notation: "compact", maximumFractionDigits: 1 }),
    shortCount: (value) => written(value, { notation: "compact", maximumFractionDigits: 1 }),
    rate: (value) => written(value, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    share: (value) => percentage(value),
    change: (value) => percentage(value, { signDisplay: "exceptZero" }),
    signed: (value) => percentage(value),
    stars: (value) => written(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    year: (value) => (value === null ? "–" : String(value)),
    month: (place) => (place === null ? "–" : writer(Intl.DateTimeFormat, { month: "long", year: "numeric", timeZone: "UTC" }).format(day(months[place]))),
    shortMonth: (place) => writer(Intl.DateTimeFormat, { month: "short", year: "numeric", timeZone: "UTC" }).format(day(months[place])),
    days: (start, end) => writer(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).formatRange(day(start), day(end)),
  };
  for (const name of ["shortMonth", "days"]) {
    const long = write[name];
    write[name] = (...given) => long(...given).replace(/Sept\b/g, "Sep"); // as the reports write it
  }
  const bareMonth = (place) => writer(Intl.DateTimeFormat, { month: "short", timeZone: "UTC" }).format(day(months[place])).replace(/Sept$/, "Sep");
  const tick = (place) => {
    const name = bareMonth(place);
    return place === 0 || months[place].slice(5, 7) === "01" ? [name, months[place].slice(0, 4)] : [name];
  };
  const monthsSaid = () => {
    if (!months.length) return "";
    return state.from === state.to ? write.month(state.from) : say("range", { from: write.month(state.from), to: write.month(state.to) });
  };
  const focusSaid = () => (state.focus ? state.focus.label() : "");
  const scopeSaid = () => [state.segment || (state.type ? "" : say("whole_shop")), state.type, focusSaid(), monthsSaid()].filter(Boolean).join(" · ");

  // ---- small tools for the page

  const h = (name, given = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  const svg = (name, given = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const plain = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "");
  const cut = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text);
  const rem = () => (printing ? 10.5 : parseFloat(getComputedStyle(document.documentElement).fontSize));
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
  const colourOf = (segment) => colour(`c${segments.indexOf(segment) % 6}`);

  // ---- the figures that cards show: each from the rows of a scope

  const roi = (rows) => ratio(sum(rows, "incremental_margin"), sum(rows, "discount_measured"));
  const basketAt = (scope, place, name) => sum(scope.baskets.filter((row) => row.month === months[place]), name);
  const indexOf = (name) => (scope) => {
    const first = sum(scope.baskets.filter((row) => row.month === basketStart), name);
    const now = ratio(basketAt(scope, scope.months.at(-1), name), first);
    return now === null || !scope.months.length ? null : 100 * now;
  };
  const meanPrice = (name) => (scope) => ratio(basketAt(scope, scope.months.at(-1), name), basketAt(scope, scope.months.at(-1), "prices"));
  const turnover = (scope) => {
    const stocked = scope.facts.filter((fact) => fact.product.is_stocked);
    const held = new Set(stocked.map((fact) => fact.month)).size;
    return ratio(sum(stocked, "cogs"), held ? sum(stocked, "stock_value") / held : 0);
  };
  const conversion = (scope) => ratio(sum(scope.facts, "units"), sum(scope.facts, "units") + sum(scope.facts, "stock_end"));
  const marginRate = (scope) => ratio(sum(scope.facts, "revenue") - sum(scope.facts, "cogs"), sum(scope.facts, "revenue"));
  const stockValue = (scope) => (scope.months.length ? sum(scope.facts.filter((fact) => fact.month === scope.months.at(-1)), "stock_value") : null);
  const ranked = (scope) => {
    const totals = [...groups(scope.facts, (fact) => fact.product)].map(([product, rows]) => ({
      product, revenue: sum(rows, "revenue"), units: sum(rows, "units"), margin: sum(rows, "revenue") - sum(rows, "cogs"),
    }));
    return totals.sort((one, other) => (one.product.sku === null) - (other.product.sku === null) || other.revenue - one.revenue || one.product.sku - other.product.sku);
  };
  const stockState = (product) => {
    if (product.reorder_point === null || product.sku === null) return "unknown";
    return product.stock_end < product.reorder_point ? "below" : product.stock_end > product.stock_ceiling ? "above" : "within";
  };
  const countFindings = (verdict) => () => shownFindings().filter((row) => row.verdict === verdict).length;

  // `better`: whether more is good (1), bad (-1) or neither. `steady`: the export gives no month, so there is no change and no line.
  const measures = {
    revenue: { of: (scope) => sum(scope.facts, "revenue"), write: write.euros, better: 1 },
    gross_margin: { of: (scope) => sum(scope.facts, "revenue") - sum(scope.facts, "cogs"), write: write.euros, better: 1 },
    gross_margin_rate: { of: marginRate, write: write.rate, better: 1, points: true },
    units: { of: (scope) => sum(scope.facts, "units"), write: write.count, better: 1 },
    promo_share: { of: (scope) => ratio(sum(scope.facts, "units_promo"), sum(scope.facts, "units")), write: write.rate, better: 0, points: true },
    stock_turnover: { label: "stock_turnover_kpi", of: turnover, write: write.two, unit: "turns", better: 1 },
    stock_value: { of: stockValue, write: write.euros, better: 0, aside: () => write.month(state.to) },
    days_of_stock: { of: (scope) => { const turned = turnover(scope); return turned ? (scope.months.length / 12) * 365 / turned : null; }, write: write.count, unit: "days", better: -1 },
    purchase_price_index: { of: indexOf("purchase_cost"), write: write.one, better: -1 },
    price_index: { of: indexOf("sale_value"), write: write.one, better: 0 },
    mean_purchase_price: { of: meanPrice("purchase_prices"), write: write.price, better: -1 },
    mean_price: { of: meanPrice("sale_prices"), write: write.price, better: 0 },
    promo_incremental_roi: { of: (scope) => roi(scope.promotions), write: write.signed, bars: true, aside: () => say("roi_note"), better: 1 },
    promo_margin_roi: { of: (scope) => ratio(sum(scope.promotions, "promo_margin"), sum(scope.promotions, "discount_cost")), write: write.signed, bars: true, aside: () => say("margin_roi_note"), better: 1 },
    discount_cost: { of: (scope) => sum(scope.promotions, "discount_cost"), write: write.euros, bars: true, better: 0 },
    incremental_margin: { of: (scope) => sum(scope.promotions, "incremental_margin"), write: write.euros, bars: true, better: 1 },
    uplift_units: { of: (scope) => sum(scope.promotions, "units_measured") - sum(scope.promotions, "baseline_units"), write: write.count, bars: true, better: 1 },
    average_rating: { of: (scope) => ratio(sum(scope.products, "rating_sum"), sum(scope.products, "ratings")), write: write.two, unit: "stars", steady: true },
    rating_count: { of: (scope) => sum(scope.products, "ratings"), write: write.count, steady: true },
    comments_per_100_units: { of: (scope) => { const rate = ratio(sum(scope.products, "comment_count"), sum(scope.products, "period_units")); return rate === null ? null : 100 * rate; }, write: write.one, steady: true, aside: () => say("of_whole_period") },
    commented_share: { of: (scope) => ratio(sum(scope.products, "commented"), sum(scope.products, "products")), write: write.rate, steady: true },
    unrated_best: { of: (scope) => sum(scope.products, "unrated_best"), write: write.count, steady: true },
    // of pooled products it is not known which were the same in two months
    products_sold: { of: (scope) => scope.products.some((product) => product.sku === null) ? (scope.months.length === 1 ? sum(scope.facts, "sold") : null) : new Set(scope.facts.filter((fact) => fact.units > 0 && fact.product.sku !== null).map((fact) => fact.product)).size, write: write.count, better: 1 },
    class_a: { of: (scope) => {
      const rows = ranked(scope); const all = sum(rows, "revenue"); let before = 0;
      const within = rows.filter((row) => { const first = before < 0.8 * all; before += row.revenue; return first; });
      return within.some((row) => row.product.sku === null) ? null : within.length;
    }, write: write.count, better: 0 },
    top_ten: { of: (scope) => { const rows = ranked(scope); return ratio(sum(rows.filter((row) => row.product.sku !== null).slice(0, 10), "revenue"), sum(rows, "revenue")); }, write: write.rate, better: 0, points: true },
    conversion_rate: { of: conversion, write: write.rate, better: 1, points: true },
    revenue_share: { of: (scope) => ratio(sum(scope.facts, "revenue"), sum(scope.months.flatMap((place) => factsOfMonth[place]), "revenue")), write: write.rate, better: 0, points: true },
    beyond_cover: { of: (scope) => sum(scope.products, "beyond_cover"), write: write.euros, steady: true, aside: () => say("beyond_note", { months: write.number(figures.parameters.max_cover_months) }) },
    below_reorder: { of: (scope) => sum(scope.products, "below_reorder"), write: write.count, steady: true, aside: () => say("as_of_end") },
    above_ceiling: { of: (scope) => sum(scope.products, "above_ceiling"), write: write.count, steady: true, aside: () => say("as_of_end") },
    findings_supported: { of: countFindings("supported"), write: write.count, steady: true, aside: () => "" },
    findings_contradicted: { of: countFindings("contradicted"), write: write.count, steady: true, aside: () => "" },
    findings_inconclusive: { of: countFindings("inconclusive"), write: write.count, steady: true, aside: () => "" },
    largest_effect: { of: () => shownFindings().reduce((most, row) => (row.yearly_effect !== null && (most === null || row.yearly_effect > most) ? row.yearly_effect : most), null), write: write.euros, steady: true, aside: () => say("a_year") },
  };
  measures.purchase_price_index.aside = measures.price_index.aside = () => (basketStart ? say("index_note", { month: writer(Intl.DateTimeFormat, { month: "short", year: "numeric", timeZone: "UTC" }).format(day(basketStart)) }) : "");

  const shownFindings = (except = "") =>
    findings.filter(
      (row) =>
        (!state.segment || row.segment === state.segment) && (!state.type || row.product_type === state.type) &&
        (row.place === null || inMonths(row.place)) &&
        (except === "focus" || !state.focus || (state.focus.kind === "recommendation" ? row.recommendation === state.focus.value
          : state.focus.kind === "sku" ? row.sku === state.focus.value : true)),
    );

  const sparkline = (values, bars) => {
    const known = values.filter((value) => value !== null);
    if (known.length < (bars ? 1 : 3)) return null;
    const [low, high] = [Math.min(...known, ...(bars ? [0] : [])), Math.max(...known, ...(bars ? [0] : []))];
    const y = (value) => 22 - (20 * (value - low)) / (high - low || 1);
    const x = (place) => (100 * place) / Math.max(values.length - 1, 1);
    const drawn = svg("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
    if (bars) {
      values.forEach((value, place) => {
        const left = (100 * place) / values.length;
        if (value) drawn.append(svg("rect", { x: left + 1, width: Math.max(100 / values.length - 2, 1), y: Math.min(y(0), y(value)), height: Math.abs(y(value) - y(0)) }));
      });
      drawn.append(svg("line", { x1: 0, x2: 100, y1: y(0), y2: y(0) }));
    } else {
      let begun = false;
      const steps = values.map((value, place) => {
        if (value === null) return (begun = false) || "";
        const step = `${begun ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
        begun = true;
        return step;
      });
      drawn.append(svg("path", { d: steps.join("") }));
    }
    return drawn;
  };

  const card = (name) => {
    const measure = measures[name];
    const value = measure.of(chosen());
    const item = h("li", { "data-kpi": name }, h("span", { class: "label" }, say(measure.label ?? name)),
      h("span", { class: "value" }, measure.write(value), measure.unit ? h("small", {}, ` ${say(measure.unit)}`) : null));
    const aside = measure.aside ? measure.aside() : measure.steady ? say("no_months") : "";
    if (!measure.steady) {
      const at = (place) => measure.of(scopeOf([place]));
      const values = chosenMonths().map((place) => {
        const rows = measure.bars ? scopeOf([place]).promotions : null;
        return rows && !rows.length ? null : at(place);
      });
      if (!measure.bars && state.to > 0) {
        const [now, before] = [at(state.to), at(state.to - 1)];
        const change = now === null || !before ? null : measure.points ? now - before : now / before - 1;
        if (change !== null) {
          const said = measure.points ? say("points", { value: written(100 * change, { signDisplay: "exceptZero", minimumFractionDigits: 1, maximumFractionDigits: 1 }) }) : write.change(change);
          const good = Math.abs(change) < 0.0005 || !measure.better ? "" : change * measure.better > 0 ? " good" : " bad";
          item.append(h("span", { class: `change${good}` }, say("change", { month: bareMonth(state.to), before: bareMonth(state.to - 1), change: said })));
        }
      }
      if (aside) item.append(h("span", { class: "aside" }, aside));
      const line = sparkline(values, measure.bars);
      if (line) item.append(line);
    } else if (aside) item.append(h("span", { class: "aside" }, aside));
    return item;
  };

  // ---- charts: a question, the rows that answer it, and a specification for Vega-Lite

  const expressions = Object.fromEntries(["euros", "short", "shortCount", "count", "rate", "signed", "share", "one", "two", "number", "stars", "year", "change"].map((name) => [`write_${name}`, (value) => write[name](value)]));
  expressions.write_tick = (place) => tick(Number(place));
  expressions.write_label = (key) => String(key).slice(String(key).indexOf("|") + 1);
  expressions.write_cut = (text, longest) => cut(String(text), longest);

  const config = () => {
    const size = rem() * 0.78;
    const [ink, soft, line] = [colour("ink"), colour("soft"), colour("line")];
    return {
      background: null, font: getComputedStyle(document.body).fontFamily, aria: false, view: { stroke: null }, padding: 2,
      axis: { labelFontSize: size, titleFontSize: size, titleFontWeight: "normal", labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelPadding: 4, labelLimit: 400, title: null },
      axisX: { grid: false }, axisY: { tickCount: 5, domain: false, ticks: false },
      legend: { orient: "top", labelFontSize: size, labelColor: ink, title: null, symbolStrokeWidth: 2, labelLimit: 300, columns: narrow() ? 2 : 0, symbolSize: size * 9, offset: 6 },
      text: { fontSize: size, color: ink }, bar: { cornerRadiusEnd: 2 }, line: { strokeWidth: 2.2 }, rule: { color: soft },
      rangeBand: {}, scale: { bandPaddingInner: 0.25, bandPaddingOuter: 0.1 },
    };
  };
  const narrow = () => !printing && document.documentElement.clientWidth < 40 * rem();
  const roomBeside = (size) => (narrow() ? 0.65 : size === "narrow" || printing ? 0.5 : 0.2); // for the figures at the ends of bars
  const DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2, 1, 2]];

  /** Values by month, a line or a stack for each series; a click on a month chooses it. */
  const monthly = ({ series, format, axis = format, stack = false, zero = true, base = null, ...given }) => {
    const places = months.map((_, place) => place);
    const rows = places.flatMap((place) => series.map((one, at) => ({ m: place, series: one.label, at, value: one.of(place), on: place >= state.from && place <= state.to })));
    const known = rows.filter((row) => row.value !== null && !Number.isNaN(row.value));
    const total = places.map((place) => ({ m: place, shown: rows.filter((row) => row.m === place) }));
    const x = { field: "m", type: "ordinal", sort: null, scale: { domain: places }, axis: { labelExpr: "write_tick(datum.value)", labelAngle: 0, labelOverlap: true, ticks: false } };
    const y = { field: "value", type: "quantitative", stack: stack ? (stack === "share" ? "normalize" : "zero") : null, scale: { zero: stack ? true : zero, nice: true }, axis: { labelExpr: `write_${axis}(datum.value)` } };
    const domain = series.map((one) => one.label);
    const color = { field: "series", type: "nominal", sort: domain, scale: { domain, range: series.map((one, at) => one.colour ?? colour(`c${at % 6}`)) }, legend: series.length > 1 ? (stack ? {} : { symbolType: "stroke", symbolSize: rem() * 22 }) : null };
    const dash = { field: "series", type: "nominal", sort: domain, scale: { domain, range: series.map((_, at) => DASHES[at % DASHES.length]) }, legend: series.length > 1 ? { symbolType: "stroke", symbolSize: rem() * 22 } : null };
    const faint = { condition: { test: "datum.on", value: 1 }, value: 0.3 };
    const layers = stack
      ? [{ mark: { type: "bar", cornerRadiusEnd: 0 }, encoding: { x, y, color, opacity: faint, order: { field: "at", type: "quantitative" } } }]
      : [
          { mark: { type: "line", opacity: everyMonth() ? 1 : 0.3 }, encoding: { x, y, color, strokeDash: dash } },
          ...(everyMonth() ? [] : [{ transform: [{ filter: "datum.on" }], mark: { type: "line" }, encoding: { x, y, color, strokeDash: dash } }]),
          { mark: { type: "point", filled: true, size: rem() * 2.2 }, encoding: { x, y, color, opacity: faint } },
        ];
    if (base !== null) layers.unshift({ data: { values: [{ base }] }, mark: { type: "rule", strokeDash: [3, 3] }, encoding: { y: { datum: base } } });
    // what the pointer meets: a month from top to bottom, however thin its line is
    layers.push({ data: { values: total }, mark: { type: "bar", opacity: 0, cornerRadiusEnd: 0, width: { band: 1.3 }, cursor: "pointer" }, encoding: { x, y: { value: 0 }, y2: { value: "height" } } });
    return {
      ...given, rows: known, empty: known.length === 0, spec: { data: { values: known }, layer: layers },
      head: (row) => write.month(row.m),
      tips: (row) => (row.shown ?? []).filter((one) => one.value !== null).map((one) => [one.series, write[format](one.value)]),
      fields: [["month", (row) => months[row.m]], ["series", (row) => row.series], ["value", (row) => row.value]],
      click: (row) => {
        const only = state.from === row.m && state.to === row.m;
        change({ from: only ? 0 : row.m, to: only ? months.length - 1 : row.m });
      },
    };
  };
  const bySegment = (of, only = () => true) => segments
    .filter((segment) => (!state.segment || segment === state.segment) && only(segment))
    .map((segment) => ({ label: segment, colour: colourOf(segment), of: (place) => { const scope = scopeOf([place], "month", segment); return scope.facts.length || scope.baskets.length ? of(scope) : null; } }));

  /** Bars in the order of their rows; a click on one chooses it. */
  const bars = ({ rows, format, axis = format, base = 0, extra = [], marks = [], thick = 1.75, ...given }) => {
    rows.forEach((row, at) => { row.key = `${at}|${row.label}`; }); // two products may have one name
    const longest = given.longest ?? (narrow() || printing ? 20 : given.size === "narrow" ? 22 : 34);
    const y = { field: "key", type: "nominal", sort: null, axis: { labelExpr: `write_cut(write_label(datum.value), ${longest})`, labelLimit: 600, ticks: false, domain: false } };
    const x = { field: "value", type: "quantitative", axis: { labelExpr: `write_${axis}(datum.value)`, tickCount: narrow() || given.size === "narrow" ? 3 : 4, grid: true, labelOverlap: "greedy", labelSeparation: 8 }, scale: { zero: true } };
    const values = rows.map((row) => ({ on: true, ...row, shown: write[format](row.value) }));
    const beyond = Math.max(...values.map((row) => Math.abs(row.value ?? 0)), 0);
    const signs = values.some((row) => row.value < 0);
    // room for the figure at the end of the longest bar
    const lowest = Math.min(0, ...values.map((row) => row.value));
    const room = roomBeside(given.size) * (signs ? Math.max(0, ...values.map((row) => row.value)) - lowest : beyond);
    x.scale.domain = signs ? [lowest - room, Math.max(0, ...values.map((row) => row.value)) + room] : [0, beyond + room || 1];
    x.scale.nice = false;
    return {
      height: Math.max(rows.length * thick + 3, 6), ...given, rows: values, empty: rows.length === 0,
      spec: {
        data: { values },
        encoding: { y },
        layer: [
          { mark: { type: "bar", cursor: "pointer" }, encoding: { x, color: { field: "colour", type: "nominal", scale: null }, opacity: { condition: { test: "datum.on", value: 1 }, value: 0.35 } } },
          ...marks,
          { mark: { type: "text", align: { expr: "datum.value < 0 ? 'right' : 'left'" }, dx: { expr: "datum.value < 0 ? -5 : 5" }, baseline: "middle" }, encoding: { x: { field: "value", type: "quantitative" }, text: { field: "shown" } } },
          ...(signs ? [{ data: { values: [{}] }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: { x: { datum: base }, y: null } }] : []),
        ],
      },
      head: (row) => row.full ?? row.label,
      tips: (row) => [[say(given.value ?? "revenue"), row.shown], ...extra.map(([name, of, way]) => [say(name), write[way](of(row))])],
      fields: [["name", (row) => row.full ?? row.label], [given.value ?? "value", (row) => row.value], ...extra.map(([name, of]) => [name, of])],
    };
  };
  const segmentBars = (given, of, order = (one, other) => other.value - one.value) => bars({
    rows: segments
      .map((segment) => ({ segment, scope: scopeOf(chosenMonths(), "segment", segment) }))
      .filter(({ scope }) => scope.facts.length)
      .map(({ segment, scope }) => ({ label: segment, value: of(scope), colour: colourOf(segment), on: !state.segment || state.segment === segment }))
      .filter((row) => row.value !== null)
      .sort(order),
    click: (row) => change({ segment: state.segment === row.label ? "" : row.label }),
    ...given,
  });
  const campaigns = (except) => [...groups(chosen(except).promotions, (row) => row.campaign)].map(([campaign, rows]) => ({
    campaign, rows, segment: rows[0].segment, label: `${rows[0].segment}, ${write.days(rows[0].starts_on, rows[0].ends_on)}`, starts_on: rows[0].starts_on, ends_on: rows[0].ends_on,
    on: state.focus?.kind !== "campaign" || state.focus.value === campaign,
  }));
  const focusOn = (kind, value, label) => change({ focus: state.focus?.kind === kind && state.focus.value === value ? null : { kind, value, label } });
  const focusProduct = (sku) => focusOn("sku", sku, () => productOf.get(sku)?.title ?? String(sku));
  const focusCampaign = (row) => focusOn("campaign", row.campaign, () => `${row.segment}, ${write.days(row.starts_on, row.ends_on)}`);
  const onFocus = (sku) => state.focus?.kind !== "sku" || state.focus.value === sku;
  const productExtra = [["sku", (row) => row.sku, "year"], ["segment", (row) => row.segment, "text"]];
  const discounted = [["discount_cost", (row) => sum(row.rows, "discount_cost"), "euros"], ["promotions", (row) => sum(row.rows, "promotions"), "count"], ["uplift_units", (row) => sum(row.rows, "units_measured") - sum(row.rows, "baseline_units"), "number"]];

  // ---- tables: columns are [text, how to get it, how to write it, class]

  const productColumns = [
    ["sku", (row) => row.product.sku, "year", "number"],
    ["product", (row) => row.product.title, "text", "name"],
    ["type", (row) => row.product.product_type, "text", ""],
    ["segment", (row) => row.product.segment, "text", ""],
  ];
  const inSegmentMonths = (of) => chosenMonths().flatMap((place) => segments.map((segment) => ({ place, segment, scope: scopeOf([place], "", segment) })).filter(of));

  // ---- the tabs

  const tabs = {
    overview: () => {
      const all = (of) => (place) => of(scopeOf([place], "month"));
      return {
        cards: ["revenue", "gross_margin", "gross_margin_rate", "units", "stock_turnover", "purchase_price_index", "promo_incremental_roi", "average_rating", "comments_per_100_units", "commented_share"],
        charts: [
          monthly({ id: "revenue_margin", size: "wide", series: ["revenue", "gross_margin"].map((name) => ({ label: say(name), of: all(measures[name].of) })), format: "euros", axis: "short" }),
          segmentBars({ id: "revenue_segment", size: "narrow", format: "euros", axis: "short", thick: 2.6, value: "revenue" }, measures.revenue.of),
          monthly({ id: "units", series: [{ label: say("units_regular"), of: all((scope) => sum(scope.facts, "units") - sum(scope.facts, "units_promo")) }, { label: say("units_promo"), of: all((scope) => sum(scope.facts, "units_promo")) }], format: "count", axis: "shortCount", stack: true }),
          monthly({ id: "stock_value", series: [{ label: say("stock_value"), colour: colour("c2"), of: all(stockValue) }], format: "euros", axis: "short" }),
        ],
        table: {
          id: "overview", order: [[1, "desc"]], rows: segments.map((segment) => ({ segment, scope: scopeOf(chosenMonths(), "", segment) })).filter((row) => row.scope.facts.length),
          columns: [
            ["segment", (row) => row.segment, "text", ""], ["revenue", (row) => measures.revenue.of(row.scope), "euros", "number"], ["cogs", (row) => sum(row.scope.facts, "cogs"), "euros", "number"],
            ["gross_margin", (row) => measures.gross_margin.of(row.scope), "euros", "number"], ["gross_margin_rate", (row) => marginRate(row.scope), "rate", "number"],
            ["units", (row) => sum(row.scope.facts, "units"), "count", "number"], ["promo_share", (row) => measures.promo_share.of(row.scope), "rate", "number"], ["stock_value_end", (row) => stockValue(row.scope), "euros", "number"],
          ],
        },
      };
    },
    inflation_margin: () => {
      const all = (of) => (place) => of(scopeOf([place], "month"));
      return {
        cards: ["purchase_price_index", "price_index", "mean_purchase_price", "mean_price", "gross_margin_rate", "gross_margin"],
        charts: [
          monthly({ id: "indices", size: "wide", series: [{ label: say("purchase_price_index"), of: all(measures.purchase_price_index.of) }, { label: say("price_index"), colour: colour("c2"), of: all(measures.price_index.of) }], format: "one", zero: false, base: 100 }),
          segmentBars({ id: "index_segment", size: "narrow", format: "change", axis: "share", thick: 2.6, value: "rise" }, (scope) => {
            const rows = baskets.filter((row) => row.segment === scope.facts[0].product.segment && (!state.type || row.product_type === state.type));
            const index = measures.purchase_price_index.of({ months: [state.to], baskets: rows });
            return index === null ? null : index / 100 - 1;
          }),
          monthly({ id: "margin_rate", series: [{ label: say("gross_margin_rate"), of: all(marginRate) }], format: "rate", axis: "rate", zero: false }),
          monthly({ id: "index_lines", series: bySegment(measures.purchase_price_index.of), format: "one", zero: false, base: 100 }),
        ],
        table: {
          id: "inflation", order: [[0, "desc"]], rows: inSegmentMonths(({ scope }) => scope.baskets.length),
          columns: [
            ["month", (row) => row.place, "shortMonth", "when"], ["segment", (row) => row.segment, "text", ""], ["mean_purchase_price", (row) => measures.mean_purchase_price.of(row.scope), "price", "number"],
            ["mean_price", (row) => measures.mean_price.of(row.scope), "price", "number"], ["purchase_price_index", (row) => measures.purchase_price_index.of(row.scope), "one", "number"],
            ["price_index", (row) => measures.price_index.of(row.scope), "one", "number"], ["revenue", (row) => (row.scope.facts.length ? measures.revenue.of(row.scope) : null), "euros", "number"], ["gross_margin_rate", (row) => marginRate(row.scope), "rate", "number"],
          ],
        },
        notes: ["note_prices"],
      };
    },
    promotions_roi: () => {
      const found = campaigns("focus").map((row) => ({ ...row, value: roi(row.rows), earned: sum(row.rows, "incremental_margin") })).filter((row) => row.value !== null);
      const steps = [];
      let before = 0;
      for (const row of [...found].sort((one, other) => (one.starts_on < other.starts_on ? -1 : one.starts_on > other.starts_on ? 1 : one.segment < other.segment ? -1 : 1))) {
        steps.push({ ...row, from: before, to: before + row.earned, value: row.earned, colour: colour(row.earned < 0 ? "bad" : "good") });
        before += row.earned;
      }
      if (steps.length) steps.push({ label: say("total"), rows: steps.flatMap((row) => row.rows), from: 0, to: before, value: before, colour: colour("soft"), on: true });
      const rows = chosen().promotions;
      const single = rows.filter((row) => row.sku !== null && row.incremental_margin !== null);
      return {
        cards: ["promo_incremental_roi", "promo_margin_roi", "discount_cost", "incremental_margin", "uplift_units", "promo_share"],
        charts: [
          bars({ id: "roi", rows: [...found].sort((one, other) => other.value - one.value).map((row) => ({ ...row, colour: colour(row.value < 0 ? "bad" : "good") })), format: "signed", thick: 3, longest: 30, value: "promo_incremental_roi", extra: [["incremental_margin", (row) => row.earned, "euros"], ...discounted], click: focusCampaign }),
          waterfall({ id: "waterfall", rows: steps, click: (row) => row.campaign && focusCampaign(row) }),
          bars({
            id: "uplift", rows: found.map((row) => ({ ...row, value: sum(row.rows, "units_measured"), baseline: sum(row.rows, "baseline_units"), colour: colourOf(row.segment) })).sort((one, other) => other.value - one.value), format: "count", axis: "shortCount", thick: 3, longest: 30, value: "units",
            marks: [{ mark: { type: "tick", color: colour("ink"), thickness: 3, size: rem() * 2.4 }, encoding: { x: { field: "baseline", type: "quantitative" } } }],
            extra: [["baseline_units", (row) => row.baseline, "count"], ["units_promo", (row) => sum(row.rows, "units_promo"), "count"]], click: focusCampaign,
          }),
          scatter({
            id: "promotions", rows: single.map((row) => ({ ...row, x: row.discount_cost, y: row.incremental_margin, colour: colourOf(row.segment), full: row.title })), x: ["discount_cost", "short"], y: ["incremental_margin", "short"],
            extra: [["month", (row) => write.month(row.place), "text"], ["discount_cost", (row) => row.discount_cost, "price"], ["incremental_margin", (row) => row.incremental_margin, "price"], ["roi", (row) => ratio(row.incremental_margin, row.discount_measured), "signed"], ["units", (row) => row.units, "count"], ["baseline_units", (row) => row.baseline_units, "number"]], zeroRule: true, click: (row) => focusProduct(row.sku),
          }),
        ],
        table: {
          id: "promotions", order: [[8, "desc"]], rows: rows.filter((row) => row.sku !== null), pooled: sum(rows.filter((row) => row.sku === null), "promotions"), whole: figures.whole.promotions,
          columns: [
            ["month", (row) => row.place, "shortMonth", "when"], ["sku", (row) => row.sku, "year", "number"], ["product", (row) => row.title, "text", "name"], ["segment", (row) => row.segment, "text", ""], ["discount_rate", (row) => row.discount_rate, "rate", "number"],
            ["units", (row) => row.units, "count", "number"], ["units_promo", (row) => row.units_promo, "count", "number"], ["baseline_units", (row) => row.baseline_units, "one", "number"], ["discount_cost", (row) => row.discount_cost, "price", "number"],
            ["incremental_margin", (row) => row.incremental_margin, "price", "number"], ["roi", (row) => ratio(row.incremental_margin, row.discount_measured), "signed", "number"],
          ],
        },
      };
    },
    top_products: () => {
      const rows = ranked(chosen());
      const all = sum(rows, "revenue");
      let before = 0;
      const listed = rows.filter((row) => row.product.sku !== null && row.revenue > 0).map((row, at) => { before += row.revenue; return { ...row, rank: at + 1, cumulative: ratio(before, all) }; });
      const first = ranked(chosen("focus")).filter((row) => row.product.sku !== null && row.revenue > 0).slice(0, 15);
      const classes = { A: "c0", B: "c1", C: "mute" };
      const byClass = [...groups(ranked(chosen("focus")).filter((row) => row.product.abc_class), (row) => row.product.abc_class)].sort((one, other) => (one[0] < other[0] ? -1 : 1));
      return {
        cards: ["revenue", "products_sold", "class_a", "top_ten", "gross_margin_rate", "units"],
        charts: [
          pareto({ id: "pareto", size: "full", rows: listed, classes }),
          bars({ id: "top", size: "wide", rows: first.map((row) => ({ label: row.product.title, sku: row.product.sku, segment: row.product.segment, value: row.revenue, units: row.units, colour: colourOf(row.product.segment), on: onFocus(row.product.sku) })), format: "euros", axis: "short", value: "revenue", extra: [...productExtra, ["units", (row) => row.units, "count"]], click: (row) => focusProduct(row.sku) }),
          bars({ id: "classes", size: "narrow", rows: byClass.map(([name, held]) => ({ label: say("abc_label", { class: name }), name, value: sum(held, "revenue"), count: sum(held.map((row) => row.product), "products"), colour: colour(classes[name]), on: state.focus?.kind !== "class" || state.focus.value === name })), format: "euros", axis: "short", thick: 4, value: "revenue", extra: [["products", (row) => row.count, "count"]], click: (row) => focusOn("class", row.name, () => say("abc_label", { class: row.name })) }),
        ],
        table: {
          id: "top", order: [[0, "asc"]], rows: listed, ...pooledOf(rows),
          columns: [
            ["rank", (row) => row.rank, "count", "number"], ...productColumns, ["revenue", (row) => row.revenue, "euros", "number"], ["units", (row) => row.units, "count", "number"], ["gross_margin", (row) => row.margin, "euros", "number"],
            ["gross_margin_rate", (row) => ratio(row.margin, row.revenue), "rate", "number"], ["cumulative_share", (row) => row.cumulative, "rate", "number"], ["abc_class", (row) => row.product.abc_class, "text", ""],
          ],
        },
        notes: ["note_classes"],
      };
    },
    customer_preferences: () => {
      const soldBy = new Map(ranked(chosen()).map((row) => [row.product, row]));
      const held = chosen().products.map((product) => ({ product, revenue: 0, units: 0, ...soldBy.get(product) }));
      const rated = held.filter((row) => row.product.sku !== null && row.product.average_rating !== null && row.revenue > 0);
      const byType = (except) => {
        const sold = ranked(chosen(except));
        return [...groups(sold, (row) => row.product.product_type)].map(([type, rows]) => ({ label: type, rows, on: !state.type || state.type === type }));
      };
      const typeRows = byType("type").map((row) => ({ ...row, value: sum(row.rows, "revenue"), colour: colour("c0") })).filter((row) => row.value > 0).sort((one, other) => other.value - one.value).slice(0, 12);
      const ratedTypes = [...groups(chosen("type").products, (product) => product.product_type)]
        .map(([type, rows]) => ({ label: type, value: ratio(sum(rows, "rating_sum"), sum(rows, "ratings")), count: sum(rows, "ratings"), colour: colour("c2"), on: !state.type || state.type === type }))
        .filter((row) => row.value !== null).sort((one, other) => other.value - one.value).slice(0, 12);
      const chooseType = (row) => change({ type: state.type === row.label ? "" : row.label });
      const vintages = [...groups(held.filter((row) => row.product.vintage !== null && row.product.sku !== null && row.revenue > 0), (row) => row.product.vintage)].map(([vintage, rows]) => ({ vintage, value: sum(rows, "revenue"), count: rows.length })).sort((one, other) => one.vintage - other.vintage);
      return {
        cards: ["average_rating", "rating_count", "comments_per_100_units", "commented_share", "unrated_best", "revenue"],
        charts: [
          scatter({
            id: "rating_revenue", size: "wide", rows: rated.map((row) => ({ ...row, x: row.product.average_rating, y: row.revenue, size: row.product.ratings, colour: colourOf(row.product.segment), full: row.product.title, sku: row.product.sku, segment: row.product.segment })), x: ["rating", "stars"], y: ["revenue", "short"], log: true,
            extra: [["segment", (row) => row.segment, "text"], ["rating", (row) => row.x, "stars"], ["rating_count", (row) => row.product.ratings, "count"], ["revenue", (row) => row.revenue, "euros"], ["units", (row) => row.units, "count"]], click: (row) => focusProduct(row.sku),
          }),
          bars({ id: "type_revenue", size: "narrow", rows: typeRows, format: "euros", axis: "short", value: "revenue", extra: [["units", (row) => sum(row.rows, "units"), "count"]], click: chooseType }),
          bars({ id: "rating_type", rows: ratedTypes, format: "two", value: "rating", extra: [["rating_count", (row) => row.count, "count"]], click: chooseType }),
          columns({ id: "vintage", rows: vintages }),
        ],
        table: {
          id: "preferences", order: [[8, "desc"]], rows: held.filter((row) => row.product.sku !== null), ...pooledOf(held),
          columns: [
            ...productColumns, ["vintage", (row) => row.product.vintage, "year", "number"], ["rating", (row) => row.product.average_rating, "stars", "number"], ["shrunk_rating", (row) => row.product.shrunk_rating, "two", "number"], ["rating_count", (row) => row.product.rating_count, "count", "number"],
            ["revenue", (row) => row.revenue, "euros", "number"], ["units", (row) => row.units, "count", "number"], ["comment_count", (row) => row.product.comment_count, "count", "number"], ["comments_short", (row) => row.product.comments_per_100_units, "one", "number"],
          ],
        },
        notes: ["note_ratings"],
      };
    },
    segments: () => {
      const everything = (place) => sum(factsOfMonth[place], "revenue");
      // to date: from the period's first month on, whatever months are chosen
      const toDate = (segment, place) => turnover(scopeOf(months.map((_, at) => at).filter((at) => at <= place), "month", segment));
      return {
        cards: ["revenue", "revenue_share", "gross_margin_rate", "conversion_rate", "products_sold", "stock_turnover"],
        charts: [
          monthly({ id: "share", size: "wide", series: bySegment((scope) => ratio(sum(scope.facts, "revenue"), everything(scope.months[0]))), format: "rate", axis: "share", stack: "zero" }),
          segmentBars({ id: "rate_segment", size: "narrow", format: "rate", axis: "share", thick: 2.6, value: "gross_margin_rate" }, marginRate),
          monthly({ id: "conversion", series: bySegment(conversion), format: "rate", axis: "share" }),
          monthly({ id: "to_date", series: segments.filter((segment) => (!state.segment || segment === state.segment) && products.some((product) => product.segment === segment && product.is_stocked)).map((segment) => ({ label: segment, colour: colourOf(segment), of: (place) => toDate(segment, place) })), format: "two" }),
        ],
        table: {
          id: "segments", order: [[0, "desc"]], rows: inSegmentMonths(({ scope }) => scope.facts.length),
          columns: [
            ["month", (row) => row.place, "shortMonth", "when"], ["segment", (row) => row.segment, "text", ""], ["revenue", (row) => measures.revenue.of(row.scope), "euros", "number"], ["revenue_share", (row) => ratio(measures.revenue.of(row.scope), everything(row.place)), "rate", "number"], ["units", (row) => sum(row.scope.facts, "units"), "count", "number"],
            ["gross_margin_rate", (row) => marginRate(row.scope), "rate", "number"], ["conversion_rate", (row) => conversion(row.scope), "rate", "number"], ["products_sold", (row) => sum(row.scope.facts, "sold"), "count", "number"], ["turnover_to_date", (row) => toDate(row.segment, row.place), "two", "number"],
          ],
        },
        notes: ["note_segments"],
      };
    },
    stock_turnover: () => {
      const all = (of) => (place) => of(scopeOf([place], "month"));
      const stocked = chosen().products.filter((product) => product.is_stocked);
      const factsOf = groups(chosen().facts, (fact) => fact.product);
      const worst = chosen("focus").products.filter((product) => product.sku !== null && product.beyond_cover > 0).sort((one, other) => other.beyond_cover - one.beyond_cover).slice(0, 15);
      const keys = ["0-1", "1-3", "3-6", "6-12", "12-", "none"];
      const bandSaid = (key) => { const [low, high] = key.split("-"); return key === "none" ? say("no_sales") : high ? say("cover_band", { low, high }) : say("cover_over", { low }); };
      const inBand = groups(chosen("focus").products.filter((product) => product.is_stocked), (product) => product.cover_band);
      return {
        cards: ["stock_turnover", "days_of_stock", "stock_value", "beyond_cover", "below_reorder", "above_ceiling"],
        charts: [
          bars({ id: "beyond", size: "wide", parts: { months: write.number(figures.parameters.max_cover_months) }, rows: worst.map((product) => ({ label: product.title, sku: product.sku, segment: product.segment, value: product.beyond_cover, product, colour: colourOf(product.segment), on: onFocus(product.sku) })), format: "euros", axis: "short", value: "beyond_cover", extra: [...productExtra, ["stock_end", (row) => row.product.stock_end, "count"], ["months_of_cover", (row) => row.product.months_of_cover, "one"]], click: (row) => focusProduct(row.sku) }),
          bars({ id: "cover", size: "narrow", rows: keys.filter((key) => inBand.has(key)).map((key) => ({ label: bandSaid(key), name: key, value: sum(inBand.get(key), "stock_value_end"), count: sum(inBand.get(key), "products"), colour: colour(["12-", "6-12", "none"].includes(key) ? "bad" : "c2"), on: state.focus?.kind !== "cover" || state.focus.value === key })), format: "euros", axis: "short", thick: 3, value: "stock_value_end", extra: [["products", (row) => row.count, "count"]], click: (row) => focusOn("cover", row.name, () => bandSaid(row.name)) }),
          segmentBars({ id: "turnover_segment", format: "two", thick: 2.6, value: "stock_turnover_kpi" }, turnover),
          monthly({ id: "stock_value", series: [{ label: say("stock_value"), colour: colour("c2"), of: all(stockValue) }], format: "euros", axis: "short" }),
        ],
        table: {
          id: "stock", order: [[6, "desc"]], rows: stocked.filter((product) => product.sku !== null).map((product) => ({ product, turned: turnover({ facts: factsOf.get(product) ?? [] }) })), ...pooledOf(stocked.map((product) => ({ product }))),
          columns: [
            ...productColumns.filter(([name]) => name !== "type"), ["stock_end", (row) => row.product.stock_end, "count", "number"], ["stock_value_end", (row) => row.product.stock_value_end, "euros", "number"], ["stock_turnover_kpi", (row) => row.turned, "two", "number"], ["beyond_cover", (row) => row.product.beyond_cover, "euros", "number"],
            ["months_of_cover", (row) => row.product.months_of_cover, "one", "number"], ["reorder_point", (row) => row.product.reorder_point, "one", "number"], ["stock_ceiling", (row) => row.product.stock_ceiling, "one", "number"], ["state", (row) => say(`state_${stockState(row.product)}`), "text", ""],
          ],
        },
        notes: ["note_stock"],
      };
    },
    business_recommendations: () => {
      const language = state.language;
      const adviceOf = new Map(figures.advice.map((row) => [row.recommendation, row[`advice_${language}`]]));
      const rows = shownFindings();
      const choose = (name) => focusOn("recommendation", name, () => figures.advice.find((row) => row.recommendation === name)?.[`advice_${state.language}`] ?? name);
      const verdicts = { supported: "good", contradicted: "bad", inconclusive: "mute" };
      const counted = shownFindings("focus");
      const top = rows.filter((row) => row.yearly_effect !== null).sort((one, other) => Math.abs(other.yearly_effect) - Math.abs(one.yearly_effect)).slice(0, 12);
      return {
        cards: ["findings_supported", "findings_contradicted", "findings_inconclusive", "largest_effect"],
        advice: figures.advice.filter((row) => state.focus?.kind !== "recommendation" || row.recommendation === state.focus.value).map((row) => h("li", {},
          h("h2", {}, row[`advice_${language}`], row.yearly_effect ? h("b", {}, write.euros(row.yearly_effect), h("small", {}, ` ${say("a_year")}`)) : null),
          h("p", { class: "soft" }, `${say("audience")} ${say(`audience_${row.audience}`)} · ${["supported", "contradicted", "inconclusive"].map((name) => `${write.count(row[name])} ${say(`verdict_${name}`)}`).join(", ")}`),
          h("p", {}, row[`summary_${language}`]),
          h("details", {}, h("summary", {}, say("how_estimated")), row[`method_${language}`]))),
        charts: [
          bars({ id: "effects", size: "full", longest: narrow() ? 24 : printing ? 60 : 78, rows: top.map((row) => ({ ...row, label: `${cut(row.scope, 34)} · ${adviceOf.get(row.recommendation)}`, full: `${adviceOf.get(row.recommendation)}: ${row.scope}`, value: row.yearly_effect, colour: colour(row.yearly_effect < 0 ? "bad" : "good") })), format: "euros", axis: "short", value: "yearly_effect", extra: [["verdict", (row) => say(`verdict_${row.verdict}`), "text"], ["confidence", (row) => say(`confidence_${row.confidence}`), "text"]], click: (row) => choose(row.recommendation) }),
          stackedBars({ id: "verdicts", size: "full", height: printing ? 10 : 13, rows: figures.advice.flatMap((advice) => Object.keys(verdicts).map((verdict, at) => ({ label: advice[`advice_${language}`], name: advice.recommendation, at, series: say(`verdict_${verdict}`), value: counted.filter((row) => row.recommendation === advice.recommendation && row.verdict === verdict).length, on: state.focus?.kind !== "recommendation" || state.focus.value === advice.recommendation }))).filter((row) => row.value), domain: Object.keys(verdicts).map((name) => say(`verdict_${name}`)), range: Object.values(verdicts).map(colour), click: (row) => choose(row.name) }),
        ],
        table: {
          id: "findings", printed: 3, order: [[0, "asc"]], rows, pooled: figures.whole.findings - findings.length, whole: figures.whole.findings, left: "left_out_findings",
          columns: [
            ["rank", (row) => row.rank, "count", "number"], ["sentence", (row) => row[`sentence_${language}`], "text", "sentence"], ["recommendation", (row) => adviceOf.get(row.recommendation), "text", ""], ["audience", (row) => say(`audience_${row.audience}`), "text", ""],
            ["verdict", (row) => say(`verdict_${row.verdict}`), "text", ""], ["confidence", (row) => say(`confidence_${row.confidence}`), "text", ""], ["yearly_effect", (row) => row.yearly_effect, "euros", "number"],
          ],
        },
        notes: ["note_findings"],
      };
    },
  };
  const pooledOf = (rows) => ({ pooled: sum(rows.filter((row) => row.product.sku === null).map((row) => row.product), "products"), whole: figures.whole.products });

  /** Steps from nothing to a total; each goes on from where the one before ended. */
  const waterfall = ({ rows, click, ...given }) => {
    const values = rows.map((row) => ({ ...row, shown: write.euros(row.value), end: Math.max(row.from, row.to) }));
    const y = { field: "label", type: "nominal", sort: null, axis: { labelExpr: "write_cut(datum.value, 30)", labelLimit: 600, ticks: false, domain: false } };
    const [low, high] = [Math.min(0, ...values.flatMap((row) => [row.from, row.to])), Math.max(0, ...values.flatMap((row) => [row.from, row.to]))];
    return {
      ...given, click, rows: values, empty: values.length === 0, height: values.length * 2.5 + 3,
      spec: {
        data: { values },
        layer: [
          { mark: { type: "bar", cornerRadiusEnd: 0, cursor: "pointer" }, encoding: { y, x: { field: "from", type: "quantitative", scale: { domain: [low, high + roomBeside(given.size) * (high - low)] }, axis: { labelExpr: "write_short(datum.value)", tickCount: 4, grid: true } }, x2: { field: "to" }, color: { field: "colour", type: "nominal", scale: null }, opacity: { condition: { test: "datum.on", value: 1 }, value: 0.35 } } },
          { mark: { type: "text", align: "left", dx: 5, baseline: "middle" }, encoding: { y, x: { field: "end", type: "quantitative" }, text: { field: "shown" } } },
          { data: { values: [{}] }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: { x: { datum: 0 } } },
        ],
      },
      head: (row) => row.label,
      tips: (row) => [[say("incremental_margin"), row.shown], ...discounted.map(([name, of, way]) => [say(name), write[way](of(row))])],
      fields: [["campaign", (row) => row.label], ["incremental_margin", (row) => row.value], ["discount_cost", (row) => sum(row.rows, "discount_cost")]],
    };
  };

  /** Each row a dot. */
  const scatter = ({ rows, x, y, extra, log = false, zeroRule = false, ...given }) => {
    const domain = [...new Set(rows.map((row) => row.segment))].sort((one, other) => segments.indexOf(one) - segments.indexOf(other));
    const axisOf = ([name, way], more = {}) => ({ title: say(name), labelExpr: `write_${way}(datum.value)`, grid: true, tickCount: 5, ...more });
    return {
      height: 19, ...given, rows, empty: rows.length === 0,
      spec: {
        data: { values: rows },
        layer: [
          ...(zeroRule ? [{ data: { values: [{}] }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: { y: { datum: 0 } } }] : []),
          {
            mark: { type: "point", filled: true, opacity: 0.6, stroke: colour("paper"), strokeWidth: 0.5, cursor: "pointer" },
            encoding: {
              x: { field: "x", type: "quantitative", scale: { zero: false, nice: true }, axis: axisOf(x) },
              y: { field: "y", type: "quantitative", scale: log ? { type: "log", nice: true } : { zero: true }, axis: axisOf(y, log ? { values: [1, 10, 100, 1000, 10000, 100000, 1000000] } : {}) },
              color: { field: "segment", type: "nominal", scale: { domain, range: domain.map(colourOf) }, legend: domain.length > 1 ? {} : null },
              shape: { field: "segment", type: "nominal", scale: { domain, range: domain.map((segment) => ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"][segments.indexOf(segment) % 6]) }, legend: domain.length > 1 ? {} : null },
              ...(rows.some((row) => row.size) ? { size: { field: "size", type: "quantitative", scale: { range: [rem() * 1.5, rem() * 25] }, legend: null } } : { size: { value: rem() * 4 } }),
            },
          },
        ],
      },
      head: (row) => row.full ?? "",
      tips: (row) => extra.map(([name, of, way]) => [say(name), write[way](of(row))]),
      fields: [["sku", (row) => row.sku], ["product", (row) => row.full], ...extra.map(([name, of]) => [name, of])],
    };
  };

  /** Products by rank, their revenue as bars and the share of the first ones as a line. */
  const pareto = ({ rows, classes, ...given }) => {
    const values = rows.map((row) => ({ ...row, left: row.rank - 1, name: row.product.abc_class, title: row.product.title }));
    const x = { field: "left", type: "quantitative", scale: { domain: [0, Math.max(values.length, 1)], nice: false }, axis: { title: say("rank"), labelExpr: "write_count(datum.value)", tickCount: 8 } };
    return {
      height: 19, ...given, rows: values, empty: values.length === 0,
      spec: {
        data: { values },
        layer: [
          { mark: { type: "rect", cursor: "pointer" }, encoding: { x, x2: { field: "rank" }, y2: { datum: 0 }, y: { field: "revenue", type: "quantitative", axis: { title: say("revenue"), labelExpr: "write_short(datum.value)" } }, color: { field: "name", type: "nominal", scale: { domain: Object.keys(classes), range: Object.values(classes).map(colour) }, legend: { labelExpr: JSON.stringify(say("abc_label", { class: "" })) + " + datum.label" } } } },
          {
            layer: [
              { data: { values: [{ at: 0.8 }, { at: 0.95 }] }, mark: { type: "rule", strokeDash: [3, 3], opacity: 0.7 }, encoding: { y: { field: "at", type: "quantitative" } } },
              { mark: { type: "line", color: colour("ink"), strokeWidth: 2 }, encoding: { x: { field: "rank", type: "quantitative" }, y: { field: "cumulative", type: "quantitative", scale: { domain: [0, 1] }, axis: { title: say("cumulative_share"), labelExpr: "write_share(datum.value)", values: [0, 0.2, 0.4, 0.6, 0.8, 0.95, 1], orient: "right", grid: false } } } },
            ],
          },
        ],
        resolve: { scale: { y: "independent" } },
      },
      head: (row) => row.title ?? "",
      tips: (row) => (row.rank ? [[say("rank"), write.count(row.rank)], [say("revenue"), write.euros(row.revenue)], [say("cumulative_share"), write.rate(row.cumulative)], [say("abc_class"), row.name ?? "–"]] : []),
      fields: [["rank", (row) => row.rank], ["sku", (row) => row.product.sku], ["product", (row) => row.title], ["revenue", (row) => row.revenue], ["cumulative_share", (row) => row.cumulative]],
      click: (row) => row.product && focusProduct(row.product.sku),
    };
  };

  const columns = ({ rows, ...given }) => ({
    height: 15, ...given, rows, empty: rows.length === 0,
    spec: {
      data: { values: rows },
      mark: { type: "bar", color: colour("c0") },
      encoding: { x: { field: "vintage", type: "ordinal", axis: { labelAngle: 0, labelOverlap: true, ticks: false, labelExpr: "write_year(datum.value)" } }, y: { field: "value", type: "quantitative", axis: { labelExpr: "write_short(datum.value)" } } },
    },
    head: (row) => String(row.vintage),
    tips: (row) => [[say("revenue"), write.euros(row.value)], [say("products"), write.count(row.count)]],
    fields: [["vintage", (row) => row.vintage], ["revenue", (row) => row.value], ["products", (row) => row.count]],
  });

  const stackedBars = ({ rows, domain, range, ...given }) => ({
    height: 16, ...given, rows, empty: rows.length === 0,
    spec: {
      data: { values: rows },
      mark: { type: "bar", cornerRadiusEnd: 0, cursor: "pointer" },
      encoding: {
        y: { field: "label", type: "nominal", sort: null, axis: { labelExpr: `write_cut(datum.value, ${narrow() ? 20 : 60})`, labelLimit: 600, ticks: false, domain: false } },
        x: { field: "value", type: "quantitative", stack: "normalize", axis: { labelExpr: "write_share(datum.value)", tickCount: 5, grid: true } },
        color: { field: "series", type: "nominal", sort: domain, scale: { domain, range } }, order: { field: "at", type: "quantitative" }, opacity: { condition: { test: "datum.on", value: 1 }, value: 0.35 },
      },
    },
    head: (row) => row.label, tips: (row) => [[row.series, write.count(row.value)]],
    fields: [["recommendation", (row) => row.name], ["verdict", (row) => row.series], ["findings", (row) => row.value]],
  });

  // ---- drawing

  const tooltip = document.getElementById("tooltip");
  const hideTip = () => { tooltip.hidden = true; };
  const showTip = (event, head, rows) => {
    tooltip.replaceChildren(h("strong", {}, head), h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    tooltip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tooltip;
    tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tooltip.style.top = `${event.clientY + 18 + height > innerHeight ? Math.max(4, event.clientY - height - 12) : event.clientY + 18}px`;
  };

  const csvCell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // a spreadsheet would run it
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const download = (name, fields, rows) => {
    const lines = [fields.map(([field]) => csvCell(field)), ...rows.map((row) => fields.map(([, of]) => csvCell(of(row))))].map((cells) => cells.join(","));
    const address = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    h("a", { href: address, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  const links = (tab, name, title, fields, rows) => h("p", { class: "links" },
    h("a", { href: `../${tab}.csv`, download: true, title: say("csv_whole") }, `${tab}.csv`),
    h("button", { type: "button", "aria-label": say("csv_label", { title }), onclick: () => download(name, fields(), rows()) }, say("csv_shown")));

  const views = new Map(); // by tab: what is drawn, to be let go before it is drawn again
  const tables = new Map(); // by tab: what was searched for and how it was sorted

  const drawChart = async (tab, chart, place) => {
    if (chart.empty) {
      place.append(h("p", { class: "empty" }, say("nothing")));
      return;
    }
    const height = (chart.height ?? 15) * rem() * (printing ? 0.95 : 1);
    const spec = { width: Math.max(place.clientWidth - 4, 120), height: printing ? Math.min(height, 190) : height, autosize: { type: "fit", contains: "padding" }, ...chart.spec };
    const held = views.get(tab);
    const embedding = {
      mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, hover: true, logLevel: 1, config: config(), expressionFunctions: expressions,
      ast: true, // expressions are interpreted: the page's policy lets no text become code
      tooltip: () => {}, // ours is below, with text as text
    };
    const { view } = await vegaEmbed(place, spec, embedding);
    if (views.get(tab) !== held) { // the tab was drawn anew meanwhile
      view.finalize();
      return;
    }
    held.push(view);
    place.querySelector("svg").setAttribute("aria-hidden", "true"); // the place around it says what it shows, and the table its figures
    view.addEventListener("mousemove", (event, item) => {
      const row = item?.datum;
      const rows = row && chart.tips && item.mark.role === "mark" ? chart.tips(row) : [];
      if (rows.length) showTip(event, chart.head(row), rows);
      else hideTip();
    });
    view.addEventListener("mouseout", hideTip);
    if (chart.click) view.addEventListener("click", (_, item) => item?.datum && item.mark.role === "mark" && (hideTip(), chart.click(item.datum)));
  };

  const drawTable = (tab, table) => {
    const title = say(`table_${table.id}`);
    const place = h("table", {});
    const kept = tables.get(tab) ?? { search: "", order: table.order };
    const listing = h("div", { class: "listing" }, h("h2", {}, title), h("p", { class: "scope" }, scopeSaid()), place);
    const sorted = (value) => (value === null || value === undefined ? Number.NEGATIVE_INFINITY : value);
    const made = () => {
      const widget = new DataTable(place, {
        data: table.rows, order: kept.order, search: { search: kept.search }, pageLength: printing ? (table.printed ?? 8) : 10, lengthMenu: [10, 25, 50, 100], autoWidth: false,
        columns: table.columns.map(([name, of, way, kind]) => ({
          title: escaped(say(name === "units" ? "units_short" : name)), className: kind, data: null, type: way === "text" ? "string" : "num",
          render: (_, purpose, row) => {
            const value = of(row);
            if (purpose === "sort" || purpose === "type") return way === "text" ? plain(value ?? "").toLowerCase() : sorted(value);
            const shown = write[way](value);
            if (purpose === "filter") return escaped(way === "text" ? `${shown} ${plain(shown)}` : shown);
            const sku = row.sku ?? row.product?.sku;
            return kind === "name" ? `<button type="button" class="name" data-sku="${Number(sku)}" title="${escaped(say("focus_on", { what: shown }))}">${escaped(shown)}</button>` : escaped(shown);
          },
        })),
        layout: { topStart: "pageLength", topEnd: "search", bottomStart: "info", bottomEnd: "paging" },
        language: {
          search: say("search"), lengthMenu: `_MENU_ ${say("rows_a_page")}`, info: say("info"), infoEmpty: say("info_empty"), infoFiltered: say("info_filtered"), emptyTable: say("nothing"), zeroRecords: say("nothing"),
          thousands: state.language === "fr" ? "\u202f" : ",", aria: { orderable: say("sort"), orderableReverse: say("sort_reverse"), paginate: { first: say("first"), previous: say("previous"), next: say("next"), last: say("last") } },
        },
      });
      widget.on("draw", () => tables.set(tab, { search: widget.search(), order: widget.order().map(([column, way]) => [column, way]) }));
      const scroller = place.closest(".dt-layout-table");
      scroller?.setAttribute("tabindex", "0");
      scroller?.setAttribute("role", "region");
      scroller?.setAttribute("aria-label", title);
      listing.querySelector("input[type=search]")?.setAttribute("aria-label", say("search_in", { title }));
      return widget;
    };
    place.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-sku]");
      if (button) {
        focusProduct(Number(button.dataset.sku));
        document.querySelector("#chips button")?.focus();
      }
    });
    let widget = null;
    listing.append(
      table.pooled > 0 ? h("p", { class: "note" }, `${say(table.left ?? "left_out", { count: write.count(table.pooled), whole: write.count(table.whole) })} `, h("a", { href: `../${tab}.csv`, download: true }, `${tab}.csv`), ".") : "",
      links(tab, `${table.id}_table`, title, () => table.columns.map(([name, of, way]) => [name, (row) => (way === "shortMonth" ? months[of(row)] : of(row))]), () => widget.rows({ search: "applied" }).data().toArray()),
    );
    return { listing, fill: () => { widget = made(); views.get(tab).push({ finalize: () => widget.destroy() }); } };
  };

  const factsSaid = () => {
    const when = figures.as_of ? say("data_as_of", { when: writer(Intl.DateTimeFormat, { dateStyle: "long", timeStyle: "short" }).format(new Date(figures.as_of)) }) : say("data_as_of_unknown");
    const checks = figures.checks ? say("checks_known", { passed: write.count(figures.checks.passed), warned: write.count(figures.checks.warned) }) : say("checks_unknown");
    const rows = say("quarantined", { count: write.count(figures.rows.quarantined), rows: write.count(figures.rows.read) });
    return h("p", { class: "facts" }, `${when} · ${say("export", { name: figures.export })} · ${checks} (`, h("a", { href: "../manifest.json" }, say("manifest")), `) · ${rows}`);
  };

  const panels = new Map();
  const drawn = new Map(); // by tab: what it was drawn for
  const drawnFor = () => JSON.stringify([state.language, state.segment, state.type, state.from, state.to, state.focus?.kind, state.focus?.value, document.documentElement.clientWidth, rem(), printing, colour("ink")]);

  const draw = (tab) => {
    if (drawn.get(tab) === drawnFor()) return null;
    for (const view of views.get(tab) ?? []) view.finalize();
    views.set(tab, []);
    const section = panels.get(tab);
    const { cards, charts, table, notes = [], advice = null } = tabs[tab]();
    const placed = charts.map((chart) => {
      const title = say(`chart_${chart.id}`, chart.parts);
      const place = h("div", { class: "plot", role: "img", "aria-label": `${title}. ${scopeSaid()}` });
      return { chart, place, figure: h("figure", { class: chart.size ?? "", "data-chart": chart.id }, h("h2", {}, title), h("p", { class: "scope" }, scopeSaid()), place, links(tab, chart.id, title, () => chart.fields, () => chart.rows)) };
    });
    const listing = drawTable(tab, table);
    section.replaceChildren(
      h("h1", {}, say(tab)), h("p", { class: "about" }, say(`about_${tab}`)), factsSaid(),
      h("ul", { class: "cards", "data-count": cards.length }, ...cards.map(card)),
      advice ? h("ul", { class: "advice" }, ...advice) : "",
      h("div", { class: "charts" }, ...placed.map(({ figure }) => figure)), ...notes.map((note) => h("p", { class: "note" }, say(note))), listing.listing,
    );
    // no step of this waits for anything but itself, so that a print, which does not wait, finds every chart
    const charted = Promise.all(placed.map(({ chart, place }) => drawChart(tab, chart, place)));
    listing.fill();
    drawn.set(tab, drawnFor());
    return charted;
  };

  const show = () => {
    for (const tab of figures.tabs) {
      panels.get(tab).hidden = tab !== state.tab;
      const button = document.getElementById(`tab-${tab}`);
      button.setAttribute("aria-selected", tab === state.tab);
      button.tabIndex = tab === state.tab ? 0 : -1;
    }
    document.getElementById(`tab-${state.tab}`).scrollIntoView({ block: "nearest", inline: "nearest" });
    document.title = say("title", { tab: say(state.tab) });
    return draw(state.tab);
  };

  const options = (select, entries, value) => {
    select.replaceChildren(...entries.map(([key, label]) => h("option", { value: key }, label)));
    select.value = value;
  };
  const form = document.getElementById("filters");
  const chips = document.getElementById("chips");
  const frame = () => {
    document.documentElement.lang = state.language;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
    for (const [id, key] of [["tabs", "tabs"], ["languages", "languages"], ["filters", "filters"]]) document.getElementById(id).setAttribute("aria-label", say(key));
    for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === state.language);
    document.getElementById("period").textContent = figures.months.length ? say("range", { from: write.month(0), to: write.month(months.length - 1) }) : "";
    for (const tab of figures.tabs) document.getElementById(`tab-${tab}`).textContent = say(tab);
    const typesThere = types.filter((type) => !state.segment || products.some((product) => product.segment === state.segment && product.product_type === type));
    options(form.elements.segment, [["", say("all_segments")], ...segments.map((segment) => [segment, segment])], state.segment);
    options(form.elements.type, [["", say("all_types")], ...typesThere.map((type) => [type, type])], state.type);
    options(form.elements.from, months.map((_, place) => [place, write.month(place)]), state.from);
    options(form.elements.to, months.map((_, place) => [place, write.month(place)]), state.to);
    const filtered = state.segment || state.type || state.focus || !everyMonth();
    chips.replaceChildren(
      ...(state.focus ? [h("button", { type: "button", class: "chip", "aria-label": say("remove", { what: focusSaid() }), onclick: () => change({ focus: null }) }, `${focusSaid()} ✕`)] : []),
      ...(filtered ? [h("button", { type: "button", onclick: () => change({ segment: "", type: "", from: 0, to: months.length - 1, focus: null }) }, say("reset"))] : []),
    );
    document.getElementById("said").textContent = filtered ? say("filtered", { what: scopeSaid() }) : say("unfiltered");
  };

  // ---- the address holds what is chosen, so that a view can be sent

  const remember = () => {
    const kept = new URLSearchParams();
    if (state.segment) kept.set("segment", state.segment);
    if (state.type) kept.set("type", state.type);
    if (!everyMonth()) { kept.set("from", months[state.from].slice(0, 7)); kept.set("to", months[state.to].slice(0, 7)); }
    if (state.focus?.kind === "sku") kept.set("sku", state.focus.value);
    kept.set("lang", state.language);
    history.replaceState(null, "", `#${state.tab}?${kept}`);
  };
  const recall = () => {
    const [tab, query = ""] = location.hash.slice(1).split("?");
    const kept = new URLSearchParams(query);
    const place = (name, otherwise) => { const found = months.findIndex((month) => month.slice(0, 7) === kept.get(name)); return found < 0 ? otherwise : found; };
    const sku = Number(kept.get("sku"));
    Object.assign(state, {
      tab: figures.tabs.includes(tab) ? tab : state.tab,
      language: ["en", "fr"].includes(kept.get("lang")) ? kept.get("lang") : navigator.language?.startsWith("fr") ? "fr" : "en",
      segment: segments.includes(kept.get("segment")) ? kept.get("segment") : "", type: types.includes(kept.get("type")) ? kept.get("type") : "",
      from: place("from", 0), to: place("to", months.length - 1),
      focus: productOf.has(sku) ? { kind: "sku", value: sku, label: () => productOf.get(sku).title } : null,
    });
    if (state.from > state.to) [state.from, state.to] = [state.to, state.from];
  };

  const change = (given) => {
    Object.assign(state, given);
    if (state.type && state.segment && !products.some((product) => product.segment === state.segment && product.product_type === state.type)) state.type = "";
    remember();
    frame();
    show();
  };

  // ---- beginning

  const tablist = document.getElementById("tabs");
  for (const tab of figures.tabs) {
    tablist.append(h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}`, onclick: () => goTo(tab) }));
    const section = h("section", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, tabindex: "0", hidden: true });
    panels.set(tab, section);
    document.getElementById("panel").append(section);
  }
  const goTo = (tab) => {
    change({ tab, focus: state.focus?.kind === "sku" ? state.focus : null }); // the other kinds mean something on one tab alone
    if (scrollY > tablist.offsetTop) scrollTo({ top: tablist.offsetTop, behavior: "instant" });
  };
  tablist.addEventListener("keydown", (event) => {
    const at = figures.tabs.indexOf(state.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: figures.tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = figures.tabs[(to + figures.tabs.length) % figures.tabs.length];
    goTo(tab);
    document.getElementById(`tab-${tab}`).focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const { name, value } = event.target;
    if (name === "from") change({ from: Number(value), to: Math.max(state.to, Number(value)) });
    else if (name === "to") change({ to: Number(value), from: Math.min(state.from, Number(value)) });
    else change({ [name]: value });
  });
  for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => { tables.clear(); change({ language: button.dataset.language }); });
  document.getElementById("print").addEventListener("click", () => print());
  addEventListener("hashchange", () => { recall(); frame(); show(); });
  let waiting = 0;
  addEventListener("resize", () => {
    if (printing) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => printing || draw(state.tab), 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(state.tab));
  addEventListener("scroll", hideTip, { passive: true });
  addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
  // paper gets every tab, drawn for its own width and in light colours, whatever is on the screen
  addEventListener("beforeprint", () => {
    printing = true;
    document.body.classList.add("printing");
    for (const tab of figures.tabs) {
      panels.get(tab).hidden = false;
      draw(tab);
    }
  });
  addEventListener("afterprint", () => {
    printing = false;
    document.body.classList.remove("printing");
    show();
  });

  recall();
  remember();
  frame();
  show().then(() => { document.documentElement.dataset.ready = "yes"; }); // for whoever waits for the first picture
})();
