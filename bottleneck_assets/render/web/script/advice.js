/* Each recommendation as a card: what it advises, what it found in what is chosen, and how.

   Belongs here: what a card says under which filters. Never here: a finding's own words, which its row has. */
import { figures } from "./figures.js";
import { say, write } from "./format.js";
import { h } from "./html.js";
import { groups, sum } from "./rows.js";
import { chosen, everyMonth, state } from "./selection.js";

const VERDICTS = ["supported", "contradicted", "inconclusive"];
/** Whether the cards are of a part of the shop or of the year. */
const isOfPart = () => Boolean(state.segment || state.type || !everyMonth() || state.focus && state.focus.kind !== "recommendation");

/**
 * Return what each recommendation found in what is chosen: of a part, the findings there, and the one of the largest effect in its words.
 * @returns {Record<string, any>[]}
 */
export const found = () => {
  const there = groups(chosen().rows("finding") ?? [], (row) => row.recommendation);
  const told = figures.advice.filter(({ recommendation }) => there.has(recommendation) || !isOfPart() && !state.focus);
  if (!isOfPart()) return told;
  return told.map((row) => {
    const findings = there.get(row.recommendation) ?? [];
    const [first] = [...findings].sort((one, other) => one.rank - other.rank);
    const counts = VERDICTS.map((name) => [name, findings.filter(({ verdict }) => verdict === name).length]);
    const yearly_effect = sum(findings.filter(({ verdict }) => verdict === "supported"), "yearly_effect");
    return { ...row, ...Object.fromEntries(counts), yearly_effect, summary_en: first.sentence_en, summary_fr: first.sentence_fr };
  });
};

export const advice = () => {
  const { language } = state;
  const cards = found().map((row) => {
    const counts = VERDICTS.map((name) => `${write.count(row[name])} ${say(`verdict_${name}`)}`).join(", ");
    return h("li", {},
      h("h2", {}, row[`advice_${language}`], row.yearly_effect ? h("b", {}, write.euros(row.yearly_effect), h("small", {}, ` ${row[`a_year_${language}`]}`)) : null),
      h("p", { class: "soft" }, `${say("audience")} ${say(`audience_${row.audience}`)} · ${counts}`),
      h("p", {}, row[`summary_${language}`]),
      h("details", {}, h("summary", {}, say("how_estimated")), row[`method_${language}`]));
  });
  return cards.length ? h("ul", { class: "advice" }, ...cards) : h("p", { class: "note" }, say("nothing"));
};
