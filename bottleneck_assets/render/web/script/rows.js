/* Rows, and what can be said of many of them at once.

   Belongs here: pure functions of rows. Never here: which rows are chosen (selection.js), or what a figure means (measures.js). */

/** @typedef {Record<string, any[] | {values: string[], places: number[]}>} Columns */

/**
 * Return columns, which are how rows travel, as rows: text that repeats itself comes as its values and the place of each row's among them.
 * @param {Columns} columns
 * @returns {any[]}
 */
export const rowsOf = (columns) => {
  const cells = Object.entries(columns).map(([name, column]) => ({
    name,
    values: Array.isArray(column) ? column : column.places.map((place) => (place < 0 ? null : column.values[place])),
  }));
  // tens of thousands: copies of one row, which have all its columns from the start, are made and read fastest
  const empty = Object.fromEntries(cells.map(({ name }) => [name, null]));
  const rows = (cells[0]?.values ?? []).map(() => ({ ...empty }));
  for (const { name, values } of cells) rows.forEach((row, at) => { row[name] = values[at]; });
  return rows;
};

/**
 * Return the sum of a column; what is not known adds nothing.
 * @param {readonly Record<string, any>[]} rows
 * @param {string} name
 */
export const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);

/**
 * Return a part over a whole, null where there is no whole.
 * @param {number} part
 * @param {number} whole
 */
export const ratio = (part, whole) => (whole ? part / whole : null);

/**
 * Return rows by what they have in common, in the order in which that comes.
 * @template Row, Key
 * @param {readonly Row[]} rows
 * @param {(row: Row) => Key} key
 */
export const groups = (rows, key) => {
  const found = /** @type {Map<Key, Row[]>} */ (new Map());
  for (const row of rows) {
    const group = found.get(key(row));
    if (group) group.push(row);
    else found.set(key(row), [row]);
  }
  return found;
};

/**
 * Return a function that finds something when it is first asked, and keeps it.
 * @template Found
 * @param {() => Found} find
 */
export const lazily = (find) => {
  /** @type {Found | undefined} */
  let found;
  return () => (found ??= find());
};
