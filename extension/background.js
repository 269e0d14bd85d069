/* The browser's side: puts together the recorder's word, the pages' messages, and what the person sees.
 *
 * Doesn't know: consent. The recorder says what is lent and whether it records; until it has said so, and as soon as it is gone, the answer is no.
 * Invariant: everything starts here, and nothing but this file knows more than its own part.
 */

import * as access from "./access.js";
import * as host from "./host.js";
import { Pages } from "./pages.js";
import { Popups } from "./popups.js";
import { showAsking } from "./sign.js";
import { OFF, readState } from "./state.js";

let state = OFF;
const pages = new Pages({ state: () => state, post: host.post });
const popups = new Popups({ describe, obey });

const connect = () => host.connect({ onMessage, onLost: () => setState(OFF) });

function onMessage(message) {
  if (message.type === "state") setState(readState(message));
  else if (message.type === "probe") pages.probe(message.id);
}

/** Take the recorder's word; pages hear of it before anything else happens. */
function setState(next) {
  state = next;
  if (state.withdrawn) pages.silence();
  else pages.tellAll();
  popups.tellAll();
  if (state.withdrawn) access.keepOnly([]);
  else if (state.recording && !state.paused && !state.helping && state.sites.length) access.keepOnly(state.sites);
  showWhatIsAsked();
}

async function showWhatIsAsked() {
  const known = await Promise.all(state.sites.map(access.isGranted));
  showAsking(state.recording && known.includes(false));
}

/** What a popup shows of the tab it stands over. */
function describe(tabId) {
  return { connected: host.isConnected(), ...state, here: pages.isSpeaking(tabId) };
}

/** Do what the person clicked: pausing holds here at once, whatever the recorder is doing. */
function obey(command) {
  if (command === "pause") setState({ ...state, paused: true });
  host.post({ type: "control", do: command, t: Date.now() });
}

async function onAccess() {
  pages.recheck();
  await access.settle();
  popups.tellAll();
  showWhatIsAsked();
}

chrome.permissions.onAdded.addListener(onAccess);
chrome.permissions.onRemoved.addListener(onAccess);
chrome.runtime.onConnect.addListener((port) => {
  connect();
  if (!popups.take(port) && !pages.take(port)) port.disconnect();
});
for (const event of [chrome.runtime.onStartup, chrome.runtime.onInstalled, chrome.tabs.onActivated, chrome.tabs.onUpdated]) event.addListener(connect);
connect();
onAccess();
