/* The browser's side: decides which page may speak, and carries what it says to the recorder's native host.
 *
 * Doesn't know: consent. The recorder says what is lent and whether it records; until it has said so, and as soon as it is gone, the answer is no.
 * Invariant: a page's message goes on only while recording, not paused, from a lent origin, in a top frame, outside private windows.
 */
"use strict";

const HOST = "org.witting.host";
const RETRY_MS = 2000;
const OFF = Object.freeze({ recording: false, paused: false, sites: [] });

let host = null;
let lastTry = 0;
let state = OFF;
const pages = new Map(); // port of a page → {origin, tab, window, url, title}
const places = new Map(); // window id → where pages lie in it, as last measured

const isLent = (page) => state.recording && !state.paused && state.sites.includes(page.origin);

// ---- recorder ----------------------------------------------------------------------------------------------------------

function connectHost() {
  if (host || Date.now() - lastTry < RETRY_MS) return;
  lastTry = Date.now();
  host = chrome.runtime.connectNative(HOST);
  host.onMessage.addListener(onHost);
  host.onDisconnect.addListener(() => {
    void chrome.runtime.lastError; // the host isn't installed or ended: the same to us
    host = null;
    setState(OFF);
  });
}

function onHost(message) {
  if (message.type === "state") {
    setState({
      recording: message.recording === true,
      paused: message.paused !== false,
      sites: Array.isArray(message.sites) ? message.sites.map(String) : [],
    });
  } else if (message.type === "probe") {
    probe(message.id);
  }
}

function setState(next) {
  state = next;
  for (const [port, page] of pages) tell(port, page);
}

function probe(id) {
  const lent = [...pages].filter(([, page]) => isLent(page) && page.url);
  for (const [port] of lent) port.postMessage({ type: "probe", id });
  if (lent.length === 0) host?.postMessage({ type: "none", id, t: Date.now() });
}

// ---- pages -------------------------------------------------------------------------------------------------------------

async function tell(port, page) {
  const on = isLent(page);
  const zoom = on ? await chrome.tabs.getZoom(page.tab).catch(() => 1) : 1;
  if (!pages.has(port)) return;
  port.postMessage({ type: "state", on, zoom, seen: places.get(page.window) ?? null });
  show(page.tab, on);
}

function onPage(port, page, message) {
  if (message.type === "place") {
    places.set(page.window, message.seen);
    return;
  }
  if (!isLent(page) || !host) return;
  if (message.type === "navigation") Object.assign(page, { url: message.url, title: message.title });
  if (message.type === "left") page.url = "";
  host.postMessage({ ...message, tab: page.tab, incognito: false });
}

function onGone(port, page) {
  pages.delete(port);
  if (isLent(page) && host && page.url) {
    host.postMessage({ type: "left", t: Date.now(), url: page.url, title: page.title, tab: page.tab, incognito: false });
  }
}

chrome.runtime.onConnect.addListener((port) => {
  const { tab, frameId, origin, url } = port.sender;
  if (port.name !== "page" || !tab || tab.incognito || frameId !== 0) {
    port.disconnect();
    return;
  }
  const page = { origin: origin ?? new URL(url).origin, tab: tab.id, window: tab.windowId, url: "", title: "" };
  pages.set(port, page);
  port.onMessage.addListener((message) => onPage(port, page, message));
  port.onDisconnect.addListener(() => onGone(port, page));
  connectHost();
  tell(port, page);
});

chrome.tabs.onZoomChange.addListener(({ tabId }) => {
  for (const [port, page] of pages) if (page.tab === tabId) tell(port, page);
});
chrome.tabs.onAttached.addListener((tabId, { newWindowId }) => {
  for (const page of pages.values()) if (page.tab === tabId) page.window = newWindowId;
});

// ---- what the person sees ----------------------------------------------------------------------------------------------

function show(tabId, on) {
  const quiet = () => undefined; // the tab may be gone by now
  chrome.action.setBadgeText({ tabId, text: on ? "REC" : "" }).catch(quiet);
  chrome.action.setBadgeBackgroundColor({ tabId, color: "#b00020" }).catch(quiet);
  chrome.action.setTitle({ tabId, title: on ? "witting: this page is being recorded" : "witting: not recording this page" }).catch(quiet);
}

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (message?.type !== "popup" || !sender.url?.startsWith(chrome.runtime.getURL(""))) return; // pages may not ask
  const page = [...pages.values()].find(({ tab }) => tab === message.tab);
  answer({ connected: Boolean(host), ...state, here: Boolean(page && isLent(page)) });
});

for (const event of [chrome.runtime.onStartup, chrome.runtime.onInstalled, chrome.tabs.onActivated, chrome.tabs.onUpdated]) event.addListener(connectHost);
connectHost();
