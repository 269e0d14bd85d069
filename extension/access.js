/* The sites that this extension may see: asked for one by one, in a click of the person's, and given back when they are lent no more.
 *
 * Doesn't know: what is said there. Invariant: the page's scripts are registered for granted sites and no others.
 */

const ID = "page";
const FILES = ["secrets.js", "tree.js", "looking.js", "moves.js", "content.js"];
const HAS_PORTS = typeof globalThis.browser?.runtime?.getBrowserInfo !== "function"; // Firefox knows no ports in patterns: there a pattern is a host

let last = Promise.resolve(); // one change at a time

/** The pattern by which a browser names an origin. */
export function patternOf(origin) {
  const { protocol, hostname, host } = new URL(origin);
  return `${protocol}//${HAS_PORTS ? host : hostname}/*`;
}

export const isGranted = (origin) => chrome.permissions.contains({ origins: [patternOf(origin)] });

/** Ask the person for a site; to be called in a click. */
export const ask = (origin) => chrome.permissions.request({ origins: [patternOf(origin)] });

/** Give a site back. */
export const giveBack = (origin) => chrome.permissions.remove({ origins: [patternOf(origin)] });

const granted = async () => (await chrome.permissions.getAll()).origins ?? [];

/** Give back what isn't among `origins`, everything if there are none. */
export function keepOnly(origins) {
  return next(async () => {
    const kept = new Set(origins.map(patternOf));
    const surplus = (await granted()).filter((pattern) => !kept.has(pattern));
    if (surplus.length) await chrome.permissions.remove({ origins: surplus });
  });
}

/** Register the page's scripts for what is granted now, and start them in pages that are open already. */
export function settle() {
  return next(async () => {
    const matches = await granted();
    const known = await chrome.scripting.getRegisteredContentScripts({ ids: [ID] });
    if (matches.length === 0) {
      if (known.length) await chrome.scripting.unregisterContentScripts({ ids: [ID] });
      return;
    }
    const script = { id: ID, matches, js: FILES, runAt: "document_start", allFrames: false, persistAcrossSessions: true };
    await (known.length ? chrome.scripting.updateContentScripts([script]) : chrome.scripting.registerContentScripts([script]));
    const tabs = await chrome.tabs.query({ url: matches });
    await Promise.all(tabs.filter((tab) => !tab.incognito && !tab.discarded).map(start));
  });
}

/** Start the page's scripts in a tab; they start once only. */
function start(tab) {
  const quiet = () => undefined; // the tab may be gone, or show an error page
  return chrome.scripting.executeScript({ target: { tabId: tab.id }, files: FILES, injectImmediately: true }).catch(quiet);
}

function next(change) {
  last = last.then(change, change);
  return last;
}
