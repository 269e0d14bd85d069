/* What the recorder says of itself, read strictly: whatever isn't whole means "not recording".
 *
 * Doesn't know: the browser. Invariant: a state is frozen, and every field has the type it is named for.
 */

export const OFF = Object.freeze({ recording: false, paused: false, withdrawn: false, helping: false, sites: [], keys: {}, app: "", why: "" });

const strings = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

/** Return the state that a message of the recorder tells. */
export function readState(message) {
  const keys = Object.entries(message.keys && typeof message.keys === "object" ? message.keys : {});
  return Object.freeze({
    recording: message.recording === true,
    paused: message.paused !== false,
    withdrawn: message.withdrawn === true,
    helping: message.helping === true,
    sites: strings(message.sites),
    keys: Object.fromEntries(keys.map(([site, names]) => [site, strings(names)])),
    app: typeof message.app === "string" ? message.app : "",
    why: typeof message.why === "string" ? message.why : "",
  });
}

/** Whether pages of an origin may speak. */
export const lends = (state, origin) => state.recording && !state.paused && !state.withdrawn && state.sites.includes(origin);
