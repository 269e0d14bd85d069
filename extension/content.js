/* The page's side: says what a lent page shows, when something happens on it.
 *
 * For: the recorder, through background.js. Doesn't know: which sites are lent; background.js says "on" or "off" for this page, and while it is
 * off this script listens to nothing and reads nothing. Invariant: no message leaves but while on, and none while the tab is hidden.
 * Times are `performance.timeOrigin + event.timeStamp`, milliseconds of wall clock.
 */
(() => {
  "use strict";
  if (globalThis.wittingPage) return; // it runs here already
  globalThis.wittingPage = true;
  const SETTLE_MS = 100; // a tree follows when the page has been still for so long
  const PATIENCE_MS = 400; // or after so long when it never is
  const KEY_TREE_MS = 300; // at most one tree per so long while typing
  const RETRY_MS = 30000;
  const BEFORE_MS = 2; // a tree taken as a button or key goes down shows the page as it stood before, and is dated so

  const page = Math.random().toString(36).slice(2, 10); // names this document's fields apart from others'
  const fields = new WeakMap();
  let port = null;
  let listeners = null; // an AbortController while on
  let observer = null;
  let told = { url: "", title: "", nodes: "", focus: "" };
  let timer = 0;
  let firstChange = 0;
  let lastKeyTree = -Infinity;
  let fieldCount = 0;

  const at = (event) => performance.timeOrigin + (event ? event.timeStamp : performance.now());
  const address = () => location.origin + location.pathname; // query and fragment may say too much
  const isShown = () => document.visibilityState === "visible";

  function send(type, event, rest) {
    if (port && listeners) port.postMessage({ type, t: at(event), ...rest });
  }

  // ---- trees ---------------------------------------------------------------------------------------------------------

  /** Send the tree; `always` also when it is the one sent last. */
  function sendTree(why, event, { always = false, id } = {}) {
    if (!listeners || !isShown()) return;
    const t = at(event) - (event ? BEFORE_MS : 0);
    const tree = wittingSnapshot(document);
    tellPlace();
    const nodes = JSON.stringify(tree.nodes);
    if (nodes === told.nodes && !always) return;
    told.nodes = nodes;
    port?.postMessage({ type: "tree", t, why, tree, ...(id === undefined ? {} : { id }) });
  }

  /** The page changed: send its tree once it is still. */
  function expectTree() {
    const now = performance.now();
    if (!timer) firstChange = now;
    clearTimeout(timer);
    const wait = Math.max(0, Math.min(SETTLE_MS, firstChange + PATIENCE_MS - now));
    timer = setTimeout(() => {
      timer = 0;
      sendTree("mutation");
    }, wait);
  }

  function onKey(event) {
    if (!event.isTrusted || event.timeStamp - lastKeyTree < KEY_TREE_MS) return;
    lastKeyTree = event.timeStamp;
    sendTree("focus", event);
  }

  function onPointer(event) {
    if (!event.isTrusted) return;
    lastKeyTree = -Infinity;
    sendTree("pointerdown", event, { always: true });
  }

  // ---- focus ---------------------------------------------------------------------------------------------------------

  function fieldName(element) {
    if (!fields.has(element)) fields.set(element, `${page}-${++fieldCount}`);
    return fields.get(element);
  }

  /** Whether keys go where this script can't see: a frame, a plug-in, a closed component, the browser's own bars. */
  function isBlind(element) {
    if (!document.hasFocus()) return true;
    return Boolean(element) && (["iframe", "frame", "object", "embed"].includes(element.localName) || (element.localName.includes("-") && !element.shadowRoot));
  }

  function sendFocus(event) {
    const element = wittingSnapshot.focused();
    const isPlain = !element || element === document.body || element === document.documentElement;
    const secure = isBlind(element) || (!isPlain && wittingSnapshot.isSecure(element));
    const field = isPlain || !document.hasFocus() ? "" : fieldName(element);
    const state = `${field} ${secure}`;
    if (state === told.focus) return;
    told.focus = state;
    send("focus", event, { secure, field });
    lastKeyTree = -Infinity;
    if (!isPlain) expectTree();
  }

  /** What loses the focus waits for what gets it, so that there is no false moment in between. */
  function onFocus(event) {
    if (event.type === "focusout" || event.type === "blur") setTimeout(sendFocus, 0);
    else sendFocus(event);
  }

  // ---- where we are --------------------------------------------------------------------------------------------------

  function tellPage(event) {
    const url = address();
    const { title } = document;
    if (!isShown() || (url === told.url && title === told.title)) return;
    told = { ...told, url, title };
    send("navigation", event, { url, title });
  }

  function tellLeft(event) {
    send("left", event, { url: told.url, title: told.title });
    told = { url: "", title: "", nodes: "", focus: "" };
  }

  let toldPlace = null;
  /** Background keeps the measured place of the page in its window, so that the next document needn't wait for a pointer. */
  function tellPlace() {
    const { seen } = wittingSnapshot.place;
    if (!seen || seen === toldPlace) return;
    toldPlace = seen;
    port?.postMessage({ type: "place", seen });
  }

  // ---- on and off ----------------------------------------------------------------------------------------------------

  function turnOn() {
    listeners = new AbortController();
    const { signal } = listeners;
    const listen = (target, types, handler) => types.forEach((type) => target.addEventListener(type, handler, { capture: true, passive: true, signal }));
    wittingSnapshot.watch(document);
    listen(window, ["pointerdown"], onPointer);
    listen(window, ["keydown"], onKey);
    listen(window, ["focusin", "focusout", "focus", "blur"], onFocus);
    listen(window, ["scroll", "resize", "input", "change", "transitionend", "animationend", "load", "DOMContentLoaded"], expectTree);
    listen(window, ["hashchange", "popstate", "load", "DOMContentLoaded"], tellPage);
    listen(window, ["submit"], (event) => send("form", event, { url: address(), title: document.title }));
    listen(document, ["visibilitychange"], (event) => (isShown() ? resume(event) : tellLeft(event)));
    observer = new MutationObserver(() => {
      tellPage();
      expectTree();
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    if (isShown()) resume();
  }

  function resume(event) {
    tellPage(event);
    sendFocus(event);
    expectTree();
  }

  function turnOff() {
    listeners?.abort();
    observer?.disconnect();
    clearTimeout(timer);
    [listeners, observer, timer] = [null, null, 0];
    told = { url: "", title: "", nodes: "", focus: "" };
  }

  function onMessage(message) {
    if (message.type === "state") {
      Object.assign(wittingSnapshot.place, { zoom: message.zoom, seen: wittingSnapshot.place.seen || message.seen });
      if (message.on && !listeners) turnOn();
      if (!message.on && listeners) turnOff();
    } else if (message.type === "probe") {
      sendTree("probe", null, { always: true, id: message.id });
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

  addEventListener("pageshow", connect);
  addEventListener("focus", connect);
  connect();
})();
