/* The rows of a table as a reader asks for them: those that have the words that are sought, in the order of a column.

   Belongs here: searching and sorting, of no more cells than that takes; release/listed.py does the same to rows that the page does not
   hold. Never here: which rows and columns there are (table.js), or how they are written (fields.js). */
import { unaccented } from "./format.js";
import { lazily } from "./rows.js";

/** @typedef {{isText: boolean, isSought: boolean, name: string, of: (row: any) => any, written: (row: any) => string}} Column */

/** Return the words that are sought: those in quotes as one, and without those behind an exclamation mark. @param {string} search */
const wordsOf = (search) => [...unaccented(search.toLowerCase()).matchAll(/(!?)(?:["“]([^"”]+)["”]|([^ ]+))/g)]
  .map(([, not, phrase, word = ""]) => ({ isWanted: !not, text: phrase ?? word.replaceAll('"', "") })).filter(({ text }) => text);

/** Return a number in nine digits: those that a ratio has beyond them, it has by chance. @param {any} value */
const sure = (value) => (typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value);
/** Return what a row is sorted by: what is not known stands below all numbers, a rank that is not known behind all ranks. @param {Column} column @param {any} row */
const keyOf = ({ isText, name, of, written }, row) => (isText ? unaccented(written(row)).toLowerCase() : sure(of(row) ?? (name === "rank" ? Infinity : -Infinity)));

/**
 * Return a function that gives the rows with all that is sought, in the order of a column; rows that are equal in it come in their own
 * order, or, from the greatest on, the other way round.
 * @param {any[]} rows
 * @param {Column[]} columns
 */
export const finder = (rows, columns) => {
  const sought = columns.filter(({ isSought }) => isSought);
  const texts = lazily(() => new Map(rows.map((row) => [row, sought.map(({ written }) => unaccented(written(row)).toLowerCase()).join("  ")])));
  /** @param {string} search @param {Column} column @param {"asc" | "desc"} way */
  return (search, column, way) => {
    const words = wordsOf(search);
    const found = words.length ? rows.filter((row) => words.every(({ text, isWanted }) => texts().get(row)?.includes(text) === isWanted)) : rows;
    const keyed = found.map((row) => ({ row, key: keyOf(column, row) })).sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
    const sorted = keyed.map(({ row }) => row);
    return way === "asc" ? sorted : sorted.reverse();
  };
};
