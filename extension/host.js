/* The native host: the program that carries messages to the recorder and back.
 *
 * Doesn't know: what a message says. Invariant: when the host goes, `onLost` is called once, and nothing is kept for later.
 */

const NAME = "org.witting.host";
const RETRY_MS = 2000;

let port = null;
let lastTry = 0;

export const isConnected = () => port !== null;

/** Start the host unless it runs or was tried a moment ago. */
export function connect({ onMessage, onLost }) {
  if (port || Date.now() - lastTry < RETRY_MS) return;
  lastTry = Date.now();
  const opened = chrome.runtime.connectNative(NAME);
  port = opened;
  opened.onMessage.addListener(onMessage);
  opened.onDisconnect.addListener(() => {
    void chrome.runtime.lastError; // the host isn't installed or ended: the same to us
    if (port === opened) port = null;
    onLost();
  });
}

/** Say something to the recorder; dropped when nobody is there. */
export const post = (message) => port?.postMessage(message);
