/* Where the person is in the page's site: its address and title, tabs that come and go, forms that are sent, how far it is scrolled.
 *
 * For: content.js. Doesn't know: trees, fields. Invariant: of an address no fragment is told, and of its query only keys that are listed.
 */
(() => {
  "use strict";
  if (globalThis.WittingMoves) return;

  const SCROLL_MS = 250; // scrolling is told at most so often
  const TITLE_MS = 1000; // and so is a title that changes by itself
  const NOWHERE = { href: "", url: "", title: "" };

  /** Tells moves while on; `send(type, event, rest)` takes them. */
  globalThis.WittingMoves = class {
    keys = []; // of an address's query, what may be told
    #send;
    #said = NOWHERE;
    #titleDue = 0;
    #titleTimer = 0;
    #scrolled = new Set(); // what was scrolled since it was told
    #scrollTimer = 0;

    constructor({ send }) {
      this.#send = send;
    }

    /** The page came into view: it was opened, or its tab came to the front. */
    arrive(event, what) {
      this.#said = NOWHERE;
      this.tell(event, what);
    }

    /** Tell the page if it is another than said last: another address, be it by a script or by its fragment alone, or another title. */
    tell(event, what = "open") {
      if (document.visibilityState !== "visible") return;
      const { href } = location;
      const { title } = document;
      if (href === this.#said.href) {
        if (title === this.#said.title) return;
        if (performance.now() < this.#titleDue) {
          this.#titleTimer ||= setTimeout(() => ((this.#titleTimer = 0), this.tell()), TITLE_MS);
          return;
        }
      }
      this.#titleDue = performance.now() + TITLE_MS;
      this.#said = { href, url: this.#address(), title };
      this.#send("navigation", event, { url: this.#said.url, title, what });
    }

    /** The page went out of view. */
    leave(event) {
      this.#send("left", event, { url: this.#said.url, title: this.#said.title });
      this.forget();
    }

    submit(event) {
      this.#send("form", event, { url: this.#address(), title: document.title });
    }

    /** Something was scrolled; where it stands is looked up a moment later, when that costs nothing. */
    scroll(event) {
      this.#scrolled.add(event.target);
      this.#scrollTimer ||= setTimeout(() => requestAnimationFrame(() => setTimeout(() => this.#tellScroll(event), 0)), SCROLL_MS);
    }

    forget() {
      clearTimeout(this.#titleTimer);
      clearTimeout(this.#scrollTimer);
      [this.#said, this.#titleTimer, this.#scrollTimer] = [NOWHERE, 0, 0];
      this.#scrolled.clear();
    }

    #tellScroll() {
      this.#scrollTimer = 0;
      for (const target of this.#scrolled) {
        const isPage = target.nodeType === Node.DOCUMENT_NODE && target === document;
        const element = target.nodeType === Node.DOCUMENT_NODE ? target.scrollingElement : target;
        if (!element?.isConnected) continue;
        this.#send("scroll", null, { url: this.#address(), x: Math.round(element.scrollLeft), y: Math.round(element.scrollTop), part: !isPage });
      }
      this.#scrolled.clear();
    }

    #address() {
      const kept = [...new URLSearchParams(location.search)].filter(([key]) => this.keys.includes(key));
      return `${location.origin}${location.pathname}${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
    }
  };
})();
