/* Which fields hold what nobody else should read: by type, by autocomplete, by size and keyboard, by the words of their names and labels.
 *
 * For: tree.js, which is injected with it. Doesn't know: trees, recording. Invariant: a field that was secret once stays so for the life of its
 * page, whatever becomes of its type; no value is ever looked at, only whether there is one. Words count whole: "shopping" holds no "pin".
 */
(() => {
  "use strict";
  if (globalThis.wittingSecrets) return;

  const FIELDS = new Set(["input", "textarea", "select"]);
  const BUTTONS = new Set(["checkbox", "radio", "button", "submit", "reset", "image", "range", "color", "file"]);
  const WORDS = new Set(
    [
      "password passwd passcode passphrase pwd pin otp totp cvv cvc cvv2 cvc2 csc ssn iban tan secret apikey 2fa mfa cardnumber creditcard", // en
      "passwort kennwort geheimzahl sicherheitscode prufziffer prufnummer kartennummer kreditkarte kreditkartennummer geheimnis", // de
      "motdepasse mdp cryptogramme", // fr
      "contrasena clave", // es
    ].flatMap((line) => line.split(" ")),
  );
  const PHRASES = new Set([
    "card number", "card no", "credit card", "debit card", "security code", "verification code", "authentication code", "confirmation code", "one time",
    "api key", "access key", "access token", "api token", "account number", "social security", "private key", "pass word", // en
    "einmal code", "bestatigungs code", "pruf ziffer", // de
    "mot passe", "code secret", "code confidentiel", "code securite", "code verification", "carte bancaire", "carte credit", "numero carte", // fr, without "de"
    "codigo seguridad", "codigo verificacion", "tarjeta credito", "numero tarjeta", // es, without "de"
  ]);
  const FILLERS = new Set(["de", "la", "le", "du", "el", "of", "the"]);
  const HARMLESS = new Set(
    "zip postal postcode plz postleitzahl cp quantity qty menge anzahl quantite cantidad year jahr annee ano day month age alter amount betrag montant importe".split(" "),
  );
  const AUTOCOMPLETE = /(^|\s)(cc-[a-z-]+|current-password|new-password|one-time-code)(\s|$)/;
  const DIGITS_LIMIT = 8; // a code that is typed from a message has no more

  const once = new WeakSet();
  const onceNames = new Set(); // a page may replace its password field by a new one when the eye is clicked

  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ß/g, "ss");
  const wordsOf = (text) => plain(text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")).toLowerCase().split(/[^a-z0-9]+/).filter((word) => word && !FILLERS.has(word));

  /** What labels say of a field, hidden words too: asking what is shown would force a layout. */
  function labelOf(field) {
    const own = [...(field.labels || [])].map((label) => label.textContent).join(" ");
    if (own.trim()) return own;
    const before = field.previousElementSibling;
    return before && before.localName === "label" && !before.control ? before.textContent : "";
  }

  function labelledBy(field) {
    const ids = (field.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    return ids.map((id) => field.getRootNode().getElementById?.(id)?.textContent || "").join(" ");
  }

  /** The words of everything that names a field, text by text. */
  function namesOf(field) {
    const attributes = ["id", "name", "aria-label", "placeholder", "title"].map((name) => field.getAttribute(name) || "");
    return [...attributes, labelOf(field), labelledBy(field)].map((text) => wordsOf(text.slice(0, 400)));
  }

  const isSecretName = (words) => words.some((word, i) => WORDS.has(word) || PHRASES.has(`${word} ${words[i + 1] || ""}`));

  /** Whether a field takes a few digits and nothing says that they are harmless. */
  function takesCode(field, names) {
    const isNumeric = ["numeric", "decimal", "tel"].includes((field.getAttribute("inputmode") || "").toLowerCase()) || /^(\\d|\[0-9\])[{*+]/.test(field.getAttribute("pattern") || "");
    return isNumeric && field.maxLength > 2 && field.maxLength <= DIGITS_LIMIT && !names.some((words) => words.some((word) => HARMLESS.has(word)));
  }

  function remember(field) {
    once.add(field);
    for (const name of [field.id, field.getAttribute("name")]) if (name) onceNames.add(name);
  }

  /** Whether a field holds, or ever held, what nobody else should read. */
  function isSecure(field) {
    if (!field || !FIELDS.has(field.localName)) return false;
    if (once.has(field)) return true;
    const names = namesOf(field);
    const isSecret =
      field.type === "password" ||
      field.type === "hidden" ||
      onceNames.has(field.id) ||
      onceNames.has(field.getAttribute("name")) ||
      AUTOCOMPLETE.test((field.getAttribute("autocomplete") || "").toLowerCase()) ||
      field.maxLength === 1 || // one box per digit of a code
      (!BUTTONS.has(field.type) && (names.some(isSecretName) || takesCode(field, names))) ||
      (getComputedStyle(field).webkitTextSecurity || "none") !== "none";
    if (isSecret) remember(field);
    return isSecret;
  }

  function rememberWithin(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.localName === "input" && node.type === "password") remember(node);
    else if (node.firstElementChild) node.querySelectorAll("input[type=password]").forEach(remember);
  }

  const watched = new WeakSet();

  /** Remember the password fields of a document or shadow root, those of now and those to come. */
  function watch(root) {
    if (watched.has(root)) return;
    watched.add(root);
    root.querySelectorAll("input[type=password]").forEach(remember);
    new MutationObserver((records) => {
      for (const record of records) {
        if (record.type === "childList") record.addedNodes.forEach(rememberWithin);
        else if (record.oldValue?.toLowerCase() === "password" || record.target.type === "password") remember(record.target);
      }
    }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["type"], attributeOldValue: true });
  }

  /** A document that was open before anybody watched: a filled field may have shown a password, so it is taken for one. */
  function distrustFilled(root) {
    for (const field of root.querySelectorAll("input")) {
      if (!BUTTONS.has(field.type) && field.value !== field.defaultValue) remember(field);
    }
  }

  globalThis.wittingSecrets = { isSecure, watch, distrustFilled };
})();
