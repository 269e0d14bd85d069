/* The extension's button: "REC" on pages that are recorded, "HELP" on those read for help, "?" while a lent site isn't allowed yet.
 *
 * Doesn't know: why. Invariant: a page's button says REC exactly while its messages are recorded.
 */

const quiet = () => undefined; // the tab may be gone by now

/** Say on a tab's button whether its page is recorded. */
export function showPage(tabId, { on, helping }) {
  const title = helping ? "witting: this page is read while your routine runs" : "witting: this page is being recorded";
  chrome.action.setBadgeText({ tabId, text: on ? (helping ? "HELP" : "REC") : null }).catch(quiet);
  chrome.action.setBadgeBackgroundColor({ tabId, color: helping ? "#1b5ea8" : "#b00020" }).catch(quiet);
  chrome.action.setTitle({ tabId, title: on ? title : "witting: not recording this page" }).catch(quiet);
}

/** Say on every other button whether a site waits for the person's word. */
export function showAsking(isAsking) {
  chrome.action.setBadgeText({ text: isAsking ? "?" : "" }).catch(quiet);
}
