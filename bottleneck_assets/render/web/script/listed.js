/* The rows of a table as a reader asks for them: those that have the words that are sought, in the order of a column.

   Belongs here: searching and sorting, of no more cells than that takes. Never here: which rows and columns there are (table.js), or how
   they are written (fields.js). */
import { unaccented } from "./format.js";
import { lazily } from "./rows.js";

/** @typedef {{isText: boolean, name: string, of: (row: any) => any, written: (row: any) => string}} Column */

/** Return the words that are sought: those in quotes as one, and without those behind an exclamation mark. @param {string} search */
const wordsOf = (search) => [...unaccented(search.toLowerCase()).matchAll(/(!?)(?:["“]([^"”]+)["”]|([^ ]+))/g)]
  .map(([, not, phrase, word = ""]) => ({ isWanted: !not, text: phrase ?? word.replaceAll('"', "") })).filter(({ text }) => text);

/** Return what a row is sorted by: what is not known stands below all numbers, a rank that is not known behind all ranks. @param {Column} column @param {any} row */
const keyOf = ({ isText, name, of, written }, row) => (isText ? unaccented(written(row)).toLowerCase() : (of(row) ?? (name === "rank" ? Infinity : -Infinity)));

/**
 * Return a function that gives the rows with all that is sought, in the order of a column; rows that are equal in it come in their own
 * order, or, from the greatest on, the other way round.
 * @param {any[]} rows
 * @param {Column[]} columns
 */
export const finder = (rows, columns) => {
  const textOf = ({ isText, written }, row) => (isText ? `${written(row)} ${unaccented(written(row))}` : written(row)).toLowerCase();
  const texts = lazily(() => new Map(rows.map((row) => [row, columns.map((column) => textOf(column, row)).join("  ")])));
  /** @param {string} search @param {Column} column @param {"asc" | "desc"} way */
  return (search, column, way) => {
    const words = wordsOf(search);
    const found = words.length ? rows.filter((row) => words.every(({ text, isWanted }) => texts().get(row)?.includes(text) === isWanted)) : rows;
    const keyed = found.map((row) => ({ row, key: keyOf(column, row) })).sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
    const sorted = keyed.map(({ row }) => row);
    return way === "asc" ? sorted : sorted.reverse();
  };
};
