/* The extension's button: "REC" on pages that are recorded, "?" while a lent site isn't allowed yet.
 *
 * Doesn't know: why. Invariant: a page's button says REC exactly while its messages go on.
 */

const quiet = () => undefined; // the tab may be gone by now

/** Say on a tab's button whether its page is recorded. */
export function showPage(tabId, { on }) {
  chrome.action.setBadgeText({ tabId, text: on ? "REC" : null }).catch(quiet);
  chrome.action.setBadgeBackgroundColor({ tabId, color: "#b00020" }).catch(quiet);
  chrome.action.setTitle({ tabId, title: on ? "witting: this page is being recorded" : "witting: not recording this page" }).catch(quiet);
}

/** Say on every other button whether a site waits for the person's word. */
export function showAsking(isAsking) {
  chrome.action.setBadgeText({ text: isAsking ? "?" : "" }).catch(quiet);
}
