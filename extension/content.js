/* The page's side: says what a lent page shows, when something happens on it.
 *
 * For: the recorder, through background.js. Doesn't know: which sites are lent; background.js says "on" or "off" for this page, and while it is
 * off this script listens to nothing and reads nothing; it only remembers which fields are password fields. Invariant: no message leaves but
 * while on, and none while the tab is hidden. Times are `performance.timeOrigin + event.timeStamp`, milliseconds of wall clock.
 */
(() => {
  "use strict";
  if (globalThis.wittingPage) return; // it runs here already
  globalThis.wittingPage = true;

  const RETRY_MS = 30000;
  const CHANGES = ["resize", "input", "change", "transitionend", "animationend", "load", "DOMContentLoaded"];

  const page = Math.random().toString(36).slice(2, 10); // names this document's fields apart from others'
  const fields = new WeakMap();
  let fieldCount = 0;
  let isFresh = document.readyState === "loading"; // else it was there before this script
  let port = null;
  let listeners = null; // an AbortController while on
  let observer = null;
  let heard = new WeakSet(); // documents whose focus is listened to
  let toldFocus = "";
  let toldPlace = null;

  const isShown = () => document.visibilityState === "visible";
  const post = (message) => listeners && port?.postMessage(message);
  const send = (type, event, rest) => post({ type, t: performance.timeOrigin + (event ? event.timeStamp : performance.now()), ...rest });
  const looking = new WittingLooking({ send: post, onRead: tellPlace });
  const moves = new WittingMoves({ send });

  wittingSecrets.watch(document);
  if (!isFresh) wittingSecrets.distrustFilled(document);

  // ---- focus ---------------------------------------------------------------------------------------------------------

  function fieldName(element) {
    if (!fields.has(element)) fields.set(element, `${page}-${++fieldCount}`);
    return fields.get(element);
  }

  /** Whether keys go where this script can't see: a frame of another site, a plug-in, a closed component, the browser's own bars. */
  function isBlind(element) {
    if (!document.hasFocus()) return true;
    if (!element) return false;
    if (!heard.has(element.ownerDocument)) return true;
    return ["iframe", "frame", "object", "embed"].includes(element.localName) || (element.localName.includes("-") && !element.shadowRoot);
  }

  function sendFocus(event) {
    const element = wittingSnapshot.focused();
    const isPlain = !element || element === element.ownerDocument.body || element === element.ownerDocument.documentElement;
    const secure = isBlind(element) || (!isPlain && wittingSnapshot.isSecure(element));
    const field = isPlain || !document.hasFocus() ? "" : fieldName(element);
    const state = `${field} ${secure}`;
    if (state === toldFocus) return;
    toldFocus = state;
    send("focus", event, { secure, field });
    if (!isPlain) looking.change();
  }

  /** What loses the focus waits for what gets it, so that there is no false moment in between. */
  function onFocus(event) {
    if (event.type === "focusout" || event.type === "blur") setTimeout(sendFocus, 0);
    else sendFocus(event);
  }

  // ---- where we are --------------------------------------------------------------------------------------------------

  /** Background keeps the measured place of the page in its window, so that the next document needn't wait for a pointer. */
  function tellPlace() {
    const { seen } = wittingSnapshot.place;
    if (!seen || seen === toldPlace) return;
    toldPlace = seen;
    port?.postMessage({ type: "place", seen });
  }

  function onShown(event) {
    if (isShown()) return resume(event, "tab");
    moves.leave(event);
    return forget();
  }

  function resume(event, what) {
    moves.arrive(event, what);
    sendFocus(event);
    looking.change();
  }

  function forget() {
    toldFocus = "";
    looking.forget();
    moves.forget();
  }

  // ---- on and off ----------------------------------------------------------------------------------------------------

  /** Listen in a document: the page's own, or a frame's of the same site. */
  function hear(inner) {
    if (!listeners || heard.has(inner)) return;
    heard.add(inner);
    const { signal } = listeners;
    const listen = (target, types, handler) => types.forEach((type) => target.addEventListener(type, handler, { capture: true, passive: true, signal }));
    const view = inner.defaultView;
    listen(view, ["pointerdown"], (event) => event.isTrusted && looking.press(event));
    listen(view, ["keydown"], (event) => event.isTrusted && looking.key(event));
    listen(view, ["pointerover"], () => looking.hover());
    listen(view, ["focusin", "focusout", "focus", "blur"], onFocus);
    listen(view, CHANGES, () => looking.change());
    listen(inner, ["load"], () => looking.change()); // of frames and pictures
    listen(view, ["scroll"], (event) => {
      looking.change();
      moves.scroll(event);
    });
    listen(view, ["submit"], (event) => moves.submit(event));
    observer.observe(inner, { subtree: true, childList: true, characterData: true, attributes: true });
  }

  /** Heed what changes within a component: its document's observer doesn't see it. */
  function heed(root) {
    if (!observer || heard.has(root)) return;
    heard.add(root);
    observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    root.addEventListener("scroll", () => looking.change(), { capture: true, passive: true, signal: listeners.signal });
  }

  function turnOn() {
    listeners = new AbortController();
    heard = new WeakSet();
    const { signal } = listeners;
    observer = new MutationObserver(() => {
      moves.tell();
      looking.change();
    });
    wittingSnapshot.watch(document);
    wittingSnapshot.onDocument = hear;
    wittingSnapshot.onComponent = heed;
    hear(document);
    for (const type of ["hashchange", "popstate", "load", "DOMContentLoaded"]) addEventListener(type, (event) => moves.tell(event), { signal });
    globalThis.navigation?.addEventListener("currententrychange", (event) => moves.tell(event), { signal }); // a script's pushState and replaceState
    document.addEventListener("visibilitychange", onShown, { signal });
    looking.start();
    if (isShown()) resume(null, isFresh ? "open" : "tab");
  }

  function turnOff() {
    listeners?.abort();
    observer?.disconnect();
    wittingSnapshot.onDocument = wittingSnapshot.onComponent = null;
    [listeners, observer] = [null, null];
    looking.stop();
    forget();
  }

  function onMessage(message) {
    if (message.type === "state") {
      Object.assign(wittingSnapshot.place, { zoom: message.zoom, seen: wittingSnapshot.place.seen || message.seen });
      moves.keys = message.keys;
      if (message.on && !listeners) turnOn();
      if (!message.on && listeners) turnOff();
      isFresh = false;
    } else if (message.type === "probe") {
      looking.probe(message.id);
    }
  }

  function connect() {
    if (port || !chrome.runtime?.id) return;
    port = chrome.runtime.connect({ name: "page" });
    port.onMessage.addListener(onMessage);
    port.onDisconnect.addListener(() => {
      port = null;
      turnOff();
      setTimeout(connect, RETRY_MS);
    });
  }

  addEventListener("pageshow", (event) => {
    isFresh ||= event.persisted;
    connect();
  });
  addEventListener("focus", connect);
  connect();
})();
