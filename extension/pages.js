/* The open pages of granted sites: which of them may speak, and what they say.
 *
 * Doesn't know: what the words mean. Invariant: a page's message goes on only while recording, not paused, from a lent origin that the person
 * allows in the browser now, in a top frame, outside private windows, and if it is of a kind that pages send. A script outlives the permission by
 * which it came into its page, so that each page's permission is asked for, not taken from its presence.
 */

import { isGranted } from "./access.js";
import { showPage } from "./sign.js";
import { lends } from "./state.js";

const KINDS = new Set(["tree", "same", "focus", "navigation", "form", "left", "scroll"]);

/** The pages by their port. `state()` is what the recorder said last, `post` speaks to it. */
export class Pages {
  #pages = new Map(); // port → {origin, granted, tab, window, url, title, tree}
  #places = new Map(); // window id → where pages lie in it, as last measured
  #state;
  #post;

  constructor({ state, post }) {
    this.#state = state;
    this.#post = post;
    chrome.tabs.onZoomChange.addListener(({ tabId }) => this.#each((port, page) => page.tab === tabId && this.#tell(port, page)));
    chrome.tabs.onAttached.addListener((tabId, { newWindowId }) => this.#each((port, page) => page.tab === tabId && (page.window = newWindowId)));
  }

  /** Take a page's port; false when it isn't one that may ever speak. */
  take(port) {
    const { tab, frameId, origin, url } = port.sender;
    if (port.name !== "page" || !tab || tab.incognito || frameId !== 0) return false;
    const page = { origin: origin ?? new URL(url).origin, granted: false, tab: tab.id, window: tab.windowId, url: "", title: "", tree: null };
    this.#pages.set(port, page);
    port.onMessage.addListener((message) => this.#hear(page, message));
    port.onDisconnect.addListener(() => this.#lose(port, page));
    this.#recheck(port, page);
    return true;
  }

  /** Ask again which pages the person allows: to be called when the permissions changed. */
  recheck() {
    this.#each((port, page) => this.#recheck(port, page));
  }

  /** No page may speak until `recheck` finds its permission: to be called before permissions are given back. */
  silence() {
    this.#each((port, page) => (page.granted = false));
    this.tellAll();
  }

  /** Tell every page whether it may speak. */
  tellAll() {
    this.#each((port, page) => this.#tell(port, page));
  }

  /** Whether a tab's page may speak now. */
  isSpeaking(tabId) {
    return [...this.#pages.values()].some((page) => page.tab === tabId && this.#mayPass(page));
  }

  /** Ask the pages in view for their trees; says so when there is none. */
  probe(id) {
    const open = [...this.#pages].filter(([, page]) => this.#mayPass(page) && page.url);
    for (const [port] of open) port.postMessage({ type: "probe", id });
    if (open.length === 0) this.#post({ type: "none", id, t: Date.now() });
  }

  #each(deed) {
    for (const [port, page] of this.#pages) deed(port, page);
  }

  async #recheck(port, page) {
    page.granted = await isGranted(page.origin).catch(() => false);
    this.#tell(port, page);
  }

  #mayPass(page) {
    return page.granted && lends(this.#state(), page.origin);
  }

  async #tell(port, page) {
    const on = this.#mayPass(page);
    const zoom = on ? await chrome.tabs.getZoom(page.tab).catch(() => 1) : 1;
    if (!this.#pages.has(port) || on !== this.#mayPass(page)) return; // told otherwise meanwhile
    const keys = on ? this.#state().keys[page.origin] ?? [] : [];
    port.postMessage({ type: "state", on, zoom, keys, seen: this.#places.get(page.window) ?? null });
    showPage(page.tab, { on, helping: this.#state().helping });
  }

  #hear(page, message) {
    if (message.type === "place") {
      this.#places.set(page.window, message.seen);
      return;
    }
    if (!this.#mayPass(page) || !KINDS.has(message.type)) return;
    if (message.type === "tree" || message.type === "same") {
      this.#hearTree(page, message);
      return;
    }
    if (message.type === "navigation") Object.assign(page, { url: message.url, title: message.title });
    if (message.type === "left") page.url = "";
    this.#post({ ...message, tab: page.tab, incognito: false });
  }

  /** A page sends its nodes as text, and only once while they stay the same: what else there is to do for them is done here, not in its time. */
  #hearTree(page, { type, origin, tree, ...rest }) {
    if (type === "tree") page.tree = { ...tree, nodes: JSON.parse(tree.nodes) };
    else if (page.tree) page.tree = { ...page.tree, origin };
    if (page.tree) this.#post({ ...rest, type: "tree", tree: page.tree, tab: page.tab, incognito: false });
  }

  #lose(port, page) {
    this.#pages.delete(port);
    if (this.#mayPass(page) && page.url) {
      this.#post({ type: "left", t: Date.now(), url: page.url, title: page.title, tab: page.tab, incognito: false });
    }
  }
}
