/* Elements of the page, and what the page's style says.

   Belongs here: making elements whose texts are text, and asking for colours and sizes. Never here: what is shown. Whatever comes from a
   table goes in through `h`, which makes text nodes, or, where a widget takes markup, through `escaped`. */

/** @typedef {Record<string, any>} Given */

/**
 * Wait for a library, if it is not there yet: they stand behind the page's own script, which shows figures meanwhile.
 * @param {"vegaEmbed" | "DataTable"} name
 */
export const library = (name) => (name in window ? null : new Promise((resolve) => { addEventListener(name, resolve, { once: true }); }));

/** Let the browser answer whoever clicks, before it reads on in the page; one that knows no such order of tasks goes on at once. */
export const rest = () => ("scheduler" in window ? new Promise((resolve) => { scheduler.postTask(() => resolve(null), { priority: "user-blocking" }); }) : Promise.resolve());

/** Whether the page is being printed: then it is drawn in paper's size. */
export const medium = { printing: false };

/**
 * Return an element; attributes whose name starts with `on` are listeners.
 * @param {string} name
 * @param {Given} given
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export const h = (name, given = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};
/** @param {string} name @param {Given} given @param {...Node} children */
export const svg = (name, given = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
/** Return an element that the page has. @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {any} text */
export const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Return the size of the page's letters, in pixels. */
export const rem = () => (medium.printing ? 13.7 : parseFloat(getComputedStyle(document.documentElement).fontSize));
/** Return the size of the letters in charts, in pixels. */
export const letters = () => rem() * 0.78;
export const narrow = () => !medium.printing && document.documentElement.clientWidth < 40 * rem();
/** @param {string} name a variable of dashboard.css */
export const colour = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
