/* What the extension does right now, in the person's words. Reads the state from background.js, changes nothing. */
"use strict";

function words(state) {
  if (!state?.connected) return ["Not recording", "The recorder isn't running on this computer."];
  if (state.paused && state.recording) return ["Paused", "Nothing is recorded until you go on."];
  if (!state.recording) return ["Not recording", "The recorder is there, but doesn't record."];
  return state.here ? ["Recording this page", "What you do here goes into your session."] : ["Not recording this page", "You don't lend this site."];
}

async function show() {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  const state = await chrome.runtime.sendMessage({ type: "popup", tab: tab?.id ?? -1 });
  const [headline, detail] = words(state);
  document.getElementById("headline").textContent = headline;
  document.getElementById("headline").dataset.on = String(Boolean(state?.here));
  document.getElementById("detail").textContent = detail;
  document.getElementById("sites-title").hidden = !state?.sites?.length;
  document.getElementById("sites").replaceChildren(
    ...(state?.sites ?? []).map((site) => Object.assign(document.createElement("li"), { textContent: site })),
  );
}

show();
