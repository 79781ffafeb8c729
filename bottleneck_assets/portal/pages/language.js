// The dashboard begins in the portal's language, unless its address names one. This runs before the dashboard's own script.
"use strict";
if (!/[?&]lang=/.test(location.hash)) {
  const { language } = document.currentScript.dataset;
  history.replaceState(null, "", `${location.hash || "#"}${location.hash.includes("?") ? "&" : "?"}lang=${language}`);
}
