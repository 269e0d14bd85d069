/* What the extension does right now, in the person's words; where a site is allowed or taken back, and recording is paused.
 *
 * Doesn't know: the recorder (background.js does). Invariant: a site is asked for only in a click on its own button.
 */

import { ask, giveBack, isGranted } from "./access.js";

const $ = (id) => document.getElementById(id);

/** Headline and detail for a state. */
function words(state) {
  if (!state.connected) return ["Not recording", "The recorder isn't running on this computer."];
  if (state.recording && state.paused) return ["Paused", state.why ? `Nothing is recorded: ${state.why}.` : "Nothing is recorded until you go on."];
  if (state.helping) return ["Helping", "Pages you lent for help are read while your routine runs. Nothing is recorded."];
  if (!state.recording) return ["Not recording", "The recorder is there, but doesn't record."];
  if (state.here) return ["Recording this page", "What you do here goes into your session."];
  return ["Not recording this page", state.app ? `Recording ${state.app}.` : "The recorder is on; what is in front isn't lent."];
}

function button(text, label, deed) {
  const made = Object.assign(document.createElement("button"), { textContent: text });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", deed);
  return made;
}

async function line(site) {
  const item = document.createElement("li");
  const isAllowed = await isGranted(site);
  const [text, label, deed] = isAllowed ? ["Take back", `Take back ${site}`, () => giveBack(site)] : ["Allow", `Allow ${site}`, () => ask(site)];
  item.dataset.allowed = String(isAllowed);
  item.append(Object.assign(document.createElement("span"), { textContent: site }), " ", button(text, label, deed));
  return item;
}

async function show(state, port) {
  const [headline, detail] = words(state);
  $("headline").textContent = headline;
  $("headline").dataset.on = String(state.here);
  $("detail").textContent = detail;
  $("switch").hidden = !state.connected || !state.recording || state.helping;
  $("switch").textContent = state.paused ? "Go on" : "Pause";
  $("switch").onclick = () => port.postMessage({ type: state.paused ? "resume" : "pause" });
  const lines = await Promise.all(state.sites.map(line));
  $("asking").hidden = lines.length === 0;
  $("why").hidden = !lines.some((item) => item.dataset.allowed === "false");
  $("sites").replaceChildren(...lines);
}

async function open() {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  const port = chrome.runtime.connect({ name: "popup" });
  let turn = Promise.resolve(); // states are shown in their order
  port.onMessage.addListener((state) => (turn = turn.then(() => show(state, port))));
  port.onDisconnect.addListener(() => setTimeout(open, 500)); // the background page went to sleep or was loaded anew
  port.postMessage({ type: "over", tab: tab?.id ?? -1 });
}

open();
