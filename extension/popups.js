/* The extension's own pages that are open: each is told how things stand, and may pause and go on.
 *
 * Doesn't know: the recorder. Invariant: only a page of the extension itself is listened to, and only to the words "pause" and "resume".
 */

const COMMANDS = new Set(["pause", "resume"]);

/** The popups by their port; `describe(tab)` is what one shows, `obey(command)` does what was clicked. */
export class Popups {
  #tabs = new Map(); // port → the tab it stands over
  #describe;
  #obey;

  constructor({ describe, obey }) {
    this.#describe = describe;
    this.#obey = obey;
  }

  /** Take a popup's port; false when it is something else. */
  take(port) {
    if (port.name !== "popup" || !port.sender.url?.startsWith(chrome.runtime.getURL(""))) return false;
    this.#tabs.set(port, -1);
    port.onMessage.addListener((message) => this.#hear(port, message));
    port.onDisconnect.addListener(() => this.#tabs.delete(port));
    return true;
  }

  /** Tell every popup how things stand. */
  tellAll() {
    for (const [port, tab] of this.#tabs) port.postMessage(this.#describe(tab));
  }

  #hear(port, message) {
    if (message.type === "over") {
      this.#tabs.set(port, Number(message.tab));
      port.postMessage(this.#describe(Number(message.tab)));
    } else if (COMMANDS.has(message.type)) {
      this.#obey(message.type);
    }
  }
}
