/* The page tree: what a person sees on a page as a flat list of nodes, in document order.
 *
 * For: the recorder (through content.js) and the evaluation driver (injected by the DevTools protocol), which must see
 * the same page alike. So it uses nothing but the DOM: no extension interface, no property that page scripts set.
 * Doesn't know: consent, recording, messages. Invariant: the value of a field that is or ever was secret (secrets.js) is never read; the walk
 * can be taken in slices, and gives the same nodes as at one go if nothing changes between them.
 */
(() => {
  "use strict";
  if (globalThis.wittingSnapshot) return;

  const { isSecure, watch: watchSecrets } = globalThis.wittingSecrets;
  const NODE_LIMIT = 2000;
  const TEXT_LIMIT = 4000;
  const NAME_LIMIT = 200;
  const SKIPPED = new Set(["script", "style", "noscript", "template", "head", "meta", "link", "title", "base", "param", "source", "track", "br", "wbr"]);
  const FIELDS = new Set(["input", "textarea", "select"]);
  const OPAQUE = new Set(["iframe", "frame", "object", "embed", "canvas", "video"]);
  const SHAPES = new Set(["rect", "circle", "ellipse", "polygon", "polyline", "line", "path", "image", "use"]);
  const NAMED_BY_CONTENT = new Set(["button", "link", "tab", "option", "heading", "menuitem"]);
  const INTERACTIVE = new Set(["button", "link", "checkbox", "radio", "textbox", "password", "combobox", "option", "tab", "menuitem", "slider"]);
  const WITH_CONTROLS = "a[href],button,input,select,textarea,[role],[tabindex],[onclick]";
  const ICON_PX = 32;

  // ---- roles ---------------------------------------------------------------------------------------------------------

  const TAG_ROLES = {
    button: "button", summary: "button", textarea: "textbox", option: "option", img: "image", picture: "image",
    h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading",
    canvas: "image", video: "image",
  };
  const GROUP_TAGS = new Set([
    "form", "fieldset", "nav", "main", "aside", "section", "article", "header", "footer", "dialog", "ul", "ol", "li", "table",
    "tr", "dl", "details", "iframe", "frame", "object", "embed",
  ]);
  const ARIA_ROLES = {
    button: "button", link: "link", checkbox: "checkbox", switch: "checkbox", menuitemcheckbox: "checkbox", radio: "radio",
    menuitemradio: "radio", textbox: "textbox", searchbox: "textbox", spinbutton: "textbox", combobox: "combobox", option: "option",
    treeitem: "option", tab: "tab", heading: "heading", img: "image", menuitem: "menuitem", slider: "slider",
  };
  const ARIA_GROUPS = new Set([
    "listbox", "list", "listitem", "menu", "menubar", "tablist", "tabpanel", "toolbar", "dialog", "alertdialog", "form", "navigation",
    "main", "region", "table", "grid", "row", "cell", "gridcell", "rowgroup", "tree", "radiogroup", "group", "article",
    "complementary", "banner", "contentinfo", "search", "status", "alert", "log", "feed",
  ]);
  const MESSAGES = new Set(["log", "feed"]); // a chat's history, articles that come in: said in the name, because a group says nothing of it
  const INPUT_ROLES = {
    button: "button", submit: "button", reset: "button", image: "button", file: "button", color: "button",
    checkbox: "checkbox", radio: "radio", range: "slider", password: "password",
  };

  const ariaRole = (element) => (element.getAttribute("role") || "").trim().toLowerCase().split(/\s+/)[0];
  const isEditingHost = (element) => element.isContentEditable && !(element.parentElement && element.parentElement.isContentEditable);

  /** The role an element has by what it is; "" when it has none of its own. */
  function semanticRole(element) {
    const tag = element.localName;
    if (tag === "input") return INPUT_ROLES[element.type] || "textbox";
    if (tag === "select") return element.multiple || element.size > 1 ? "group" : "combobox";
    const aria = ariaRole(element);
    if (ARIA_ROLES[aria]) return ARIA_ROLES[aria];
    if (isEditingHost(element)) return "textbox";
    if (aria === "presentation" || aria === "none") return "";
    if (ARIA_GROUPS.has(aria)) return "group";
    if (tag === "a") return element.hasAttribute("href") ? "link" : "";
    return TAG_ROLES[tag] || (GROUP_TAGS.has(tag) ? "group" : "");
  }

  /** A role for what is clickable though nothing says so: a hand cursor that begins here, an onclick, a tab stop. */
  function clickableRole(element, style, isUnderHand) {
    const tag = element.localName;
    if (tag === "html" || tag === "body" || (tag === "label" && element.control)) return "";
    const hasHand = style.cursor === "pointer" && !isUnderHand;
    const hasTabStop = element.hasAttribute("tabindex") && element.tabIndex >= 0;
    if (!hasHand && !hasTabStop && !element.hasAttribute("onclick")) return "";
    return style.display.startsWith("inline") ? "link" : "button";
  }

  // ---- names and values ----------------------------------------------------------------------------------------------

  const collapse = (text) => (text || "").replace(/\s+/g, " ").trim();
  const askText = (element) => collapse(element.innerText === undefined ? element.textContent : element.innerText);
  let said = null; // texts by element while a snapshot is taken: asking is slow, and nothing changes meanwhile
  function shownText(element) {
    if (said && !said.has(element)) said.set(element, askText(element));
    return said ? said.get(element) : askText(element);
  }

  /** What labels say of a control; a label that names no control counts for the field right after it. */
  function labelText(element) {
    const own = [...(element.labels || [])].map(shownText).filter(Boolean).join(" ");
    if (own) return own;
    const before = element.previousElementSibling;
    return before && before.localName === "label" && !before.control && FIELDS.has(element.localName) ? shownText(before) : "";
  }

  function labelledBy(element) {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    return collapse(ids.map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean).map(shownText).join(" "));
  }

  const isButtonInput = (element) => element.localName === "input" && ["button", "submit", "reset"].includes(element.type);
  const buttonText = (element) => collapse(element.value) || { submit: "Submit", reset: "Reset" }[element.type] || "";

  function nameOf(element, role) {
    const isButton = isButtonInput(element);
    const title = element.namespaceURI.endsWith("svg") ? element.querySelector?.(":scope > title")?.textContent : element.getAttribute("title");
    return (
      labelledBy(element) ||
      collapse(element.getAttribute("aria-label")) ||
      (FIELDS.has(element.localName) && !isButton ? labelText(element) : "") ||
      collapse(element.getAttribute("alt")) ||
      (isButton ? buttonText(element) : "") ||
      (NAMED_BY_CONTENT.has(role) ? shownText(element) : "") ||
      collapse(element.getAttribute("placeholder")) ||
      collapse(title)
    );
  }

  function valueOf(element, role) {
    if (role === "combobox" && element.localName === "select") return collapse([...element.selectedOptions].map((o) => o.label).join(", "));
    if (role === "textbox" || role === "slider" || role === "combobox") {
      return String((FIELDS.has(element.localName) ? element.value : element.innerText) ?? "").slice(0, TEXT_LIMIT);
    }
    return "";
  }

  function keyOf(element) {
    const classes = (element.getAttribute("class") || "").split(/\s+/).filter(Boolean);
    return [...(element.id ? [`#${element.id}`] : []), ...classes.map((name) => `.${name}`)].join(" ").slice(0, NAME_LIMIT);
  }

  // ---- what stands in no text ----------------------------------------------------------------------------------------
  // Pictures of the screen show a node's box when its name and value may be shown; so a node whose box shows anything else is "opaque".

  const PICTURES = new Set(["img", "svg", "canvas", "video", "picture", "object", "embed", "iframe", "frame"]);
  const IMAGE = /\b(url|image-set|cross-fade|paint|element)\(/; // gradients say nothing
  const HELD_LIMIT = 300; // a control that holds more elements isn't looked through
  const LOOK_LIMIT = 6000; // nor is anything once so many elements were looked at in one snapshot; a count, so that two snapshots agree
  let looked = 0;

  const drawsImage = (style) =>
    IMAGE.test(style.backgroundImage) || IMAGE.test(style.content) || IMAGE.test(style.maskImage) || IMAGE.test(style.borderImageSource) || IMAGE.test(style.listStyleImage);

  /** Whether ::before or ::after shows letters, digits or an image. */
  function saysBeside(element, place) {
    const style = getComputedStyle(element, place);
    const { content } = style;
    if (content === "none" || content === "normal" || style.display === "none" || style.visibility !== "visible" || style.opacity === "0") return false;
    return drawsImage(style) || /[\p{L}\p{N}]/u.test(content.replace(/\b(no-)?(open|close)-quote\b/g, ""));
  }

  /** Whether styles alone put words or an image into an element's box; taken for granted once the snapshot's limit is reached. */
  function isPainted(element, style) {
    if (style.opacity === "0") return false;
    if (drawsImage(style)) return true;
    looked += 1;
    return looked > LOOK_LIMIT || saysBeside(element, "::before") || saysBeside(element, "::after");
  }

  /** Whether something within an element shows what isn't text of its own. */
  function holdsMore(element) {
    if (element.shadowRoot) return true;
    const held = element.getElementsByTagName("*");
    if (held.length > HELD_LIMIT) return true;
    return [...held].some((inner) => {
      if (!inner.checkVisibility()) return false;
      return PICTURES.has(inner.localName) || inner.localName.includes("-") || inner.shadowRoot || isPainted(inner, getComputedStyle(inner));
    });
  }

  /** The text that a control shows. */
  function face(element) {
    if (element.localName === "input") return buttonText(element);
    return element.localName === "option" ? collapse(element.label) : shownText(element);
  }

  /** Whether a control or heading shows anything but its name and value. */
  function showsMore(element, role, name, style) {
    const { localName: tag, type } = element;
    if (tag === "input" && (type === "file" || type === "image")) return true;
    if (FIELDS.has(tag) && !isButtonInput(element)) {
      return element.matches(":autofill") || style.appearance === "base-select" || (element.value || "").length > TEXT_LIMIT;
    }
    if (NAMED_BY_CONTENT.has(role)) return face(element) !== name || holdsMore(element);
    return role === "textbox" && (holdsMore(element) || (element.innerText || "").length > TEXT_LIMIT);
  }

  /** The placeholder that an empty field shows, when its name doesn't say it. */
  function shownPlaceholder(element, name) {
    if (!FIELDS.has(element.localName) || element.value) return "";
    const text = collapse(element.placeholder);
    return text === name ? "" : text;
  }

  // ---- states --------------------------------------------------------------------------------------------------------

  let touched = new WeakSet();

  function focusedElement(root) {
    let element = root.activeElement;
    for (let inner = element; inner; ) {
      element = inner;
      const document = innerDocument(element);
      inner = element.shadowRoot?.activeElement ?? (document && document.activeElement !== document.body ? document.activeElement : null);
    }
    return element;
  }

  function statesOf(element, role, isSecret, focused) {
    const aria = (name) => element.getAttribute(`aria-${name}`) === "true";
    const isText = role === "textbox" || role === "password";
    const states = [];
    if (element === focused) states.push("focused");
    if (role === "checkbox" || role === "radio" ? element.checked || aria("checked") : aria("pressed")) states.push("checked");
    if (element.selected === true || aria("selected")) states.push("selected");
    if (element.disabled === true || aria("disabled")) states.push("disabled");
    if (aria("expanded") || (element.localName === "summary" && element.parentElement?.open)) states.push("expanded");
    if (isText && !element.readOnly) states.push("editable");
    if (isSecret) states.push("secure");
    if (isClosed(element)) states.push("opaque");
    if (touched.has(element)) states.push("touched");
    if (element.localName === "textarea" || isEditingHost(element)) states.push("multiline");
    return states;
  }

  /** The document of a frame, null when it is another site's or empty: then the frame is opaque. */
  function innerDocument(element) {
    if (element.localName !== "iframe" && element.localName !== "frame") return null;
    try {
      return element.contentDocument?.body ? element.contentDocument : null;
    } catch {
      return null;
    }
  }

  const isClosed = (element) => OPAQUE.has(element.localName) && !innerDocument(element);

  /** Remember what was clicked or changed: the element itself and what it is part of, up to the first control. */
  function touch(event) {
    for (const element of event.composedPath()) {
      if (element.nodeType !== Node.ELEMENT_NODE || element === element.ownerDocument.body) break;
      touched.add(element);
      if (INTERACTIVE.has(semanticRole(element))) break;
    }
  }

  // ---- geometry ------------------------------------------------------------------------------------------------------

  const EMPTY = { left: 0, top: 0, right: 0, bottom: 0 };
  const cross = (a, b) => {
    const c = {
      left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
    };
    return c.right > c.left && c.bottom > c.top ? c : EMPTY;
  };
  const isEmpty = (box) => box.right <= box.left || box.bottom <= box.top;
  // Within frames, boxes are those of the outermost window: `shift` says where the frame's own corner is, and how much it is magnified.
  const UNSHIFTED = { x: 0, y: 0, scale: 1, above: null };
  const lift = (rect, { x, y, scale }) =>
    x === 0 && y === 0 && scale === 1
      ? rect
      : { left: rect.left * scale + x, top: rect.top * scale + y, right: rect.right * scale + x, bottom: rect.bottom * scale + y, width: rect.width * scale, height: rect.height * scale };
  const round = (number) => Math.round(number * 100) / 100;
  const asArray = (box) => [round(box.left), round(box.top), round(box.right - box.left), round(box.bottom - box.top)];

  /** Whether a box lies half a window or more outside the window: nothing in it is looked at (it would take 100 ms on a page of 10,000). */
  function isFarAway(rect, { right, bottom }) {
    const [x, y] = [right / 2, bottom / 2];
    return rect.width * rect.height > 0 && (rect.bottom < -y || rect.top > bottom + y || rect.right < -x || rect.left > right + x);
  }

  /** The clips that hold for an element's children: in flow, and for those positioned against an ancestor. */
  function clipsWithin(element, style, { clips, shift }, rect) {
    let flow = style.position === "fixed" ? clips.view : style.position === "absolute" ? clips.anchored : clips.flow;
    const own = flow;
    if (style.overflowX !== "visible" && element.localName !== "body" && element.localName !== "html") {
      const left = rect.left + element.clientLeft * shift.scale;
      const top = rect.top + element.clientTop * shift.scale;
      flow = cross(flow, { left, top, right: left + element.clientWidth * shift.scale, bottom: top + element.clientHeight * shift.scale });
    }
    const isAnchor = style.position !== "static" || style.transform !== "none";
    return { own, children: { view: clips.view, flow, anchored: isAnchor ? flow : clips.anchored } };
  }

  const HIT_BUDGET_MS = 40; // a hit test can take milliseconds where thousands of words share a block
  let hitMs = 0;

  /** What else lies over the middle of a box: "solid", "clear" when the element shows through, "" for nothing or once the budget for asking is spent. */
  function coverOf(element, box, shift) {
    if (hitMs > HIT_BUDGET_MS) return "";
    const begun = performance.now();
    const cover = askCover(element, (box.left + box.right) / 2, (box.top + box.bottom) / 2, shift);
    hitMs += performance.now() - begun;
    return cover;
  }

  function askCover(element, x, y, shift) {
    const over = shift.above ? askCover(shift.frame, x, y, shift.above) : "";
    return over || askCoverHere(element, (x - shift.x) / shift.scale, (y - shift.y) / shift.scale);
  }

  function askCoverHere(element, x, y) {
    const hit = element.getRootNode().elementFromPoint?.(x, y);
    if (!hit || hit === element || element.contains(hit) || hit.contains(element)) return "";
    const label = hit.closest("label");
    if ((label && (label.control === element || label.contains(element))) || hit.shadowRoot) return "";
    for (const over of element.getRootNode().elementsFromPoint(x, y)) {
      if (over === element || element.contains(over) || over.contains(element)) break;
      if (isSolid(over, element)) return "solid";
    }
    return "clear";
  }

  /** Whether nothing shows through an element that lies over another. */
  function isSolid(over, under) {
    if (OPAQUE.has(over.localName) || over.localName === "img") return true;
    if (/^rgba|\/|transparent/.test(getComputedStyle(over).backgroundColor)) return false;
    for (let above = over; above && !above.contains(under); above = above.parentElement) if (getComputedStyle(above).opacity !== "1") return false;
    return true;
  }

  // ---- the walk ------------------------------------------------------------------------------------------------------

  const childrenOf = (element) => {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    if (element.localName === "slot" && element.assignedNodes().length) return element.assignedNodes();
    return element.childNodes;
  };

  class Walk {
    constructor(root) {
      this.nodes = [];
      this.until = Infinity; // when the slice ends
      this.view = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
      this.focused = focusedElement(root);
      this.early = new Map(); // controls that came with their label, by element
    }

    get isFull() {
      return this.nodes.length >= NODE_LIMIT;
    }

    add(parent, fields) {
      return this.nodes.push({ parent, role: "text", name: "", value: "", states: [], tag: "", key: "", ...fields }) - 1;
    }

    /** Visit a document; stops where a slice ends. */
    *document(document, context) {
      const ground = [document.documentElement, document.body].find((element) => element && isPainted(element, getComputedStyle(element)));
      const { view } = context.clips;
      if (ground) this.add(context.parent, { role: "group", tag: ground.localName, box: asArray(view), states: ["opaque"] }); // it lies under the whole window
      if (document.body) yield* this.element(document.body, context);
    }

    /** Visit `element`; `context` = {parent, clips, shift, isNamed, isUnderHand, isFaint, labels}. */
    *element(element, context) {
      if (performance.now() > this.until) yield;
      if (this.isFull || SKIPPED.has(element.localName)) return;
      const rect = lift(element.getBoundingClientRect(), context.shift);
      if (isFarAway(rect, this.view)) return;
      const style = getComputedStyle(element);
      if (style.display === "none") return;
      const clips = clipsWithin(element, style, context, rect);
      const inner = { ...context, clips: clips.children, isUnderHand: style.cursor === "pointer", isFaint: context.isFaint || style.opacity === "0" };
      if (element.localName === "label" && element.control) inner.labels = this.control(element.control, context);
      const box = cross(rect, clips.own);
      const node = this.early.has(element) ? this.early.get(element) : this.own(element, style, box, context);
      if (node !== undefined) inner.parent = node;
      const document = innerDocument(element);
      if (document && node !== undefined) yield* this.frame(element, document, rect, { ...inner, clips: clips.own });
      if (!this.descends(element)) return;
      const role = node === undefined ? "" : this.nodes[node].role;
      inner.isNamed = context.isNamed || (role !== "" && this.isWhole(element, this.nodes[node]));
      if (element.shadowRoot) {
        watchSecrets(element.shadowRoot);
        wittingSnapshot.onComponent?.(element.shadowRoot);
      }
      for (const child of childrenOf(element)) {
        if (child.nodeType === Node.ELEMENT_NODE) yield* this.element(child, inner);
        else this.child(child, element, style, inner);
      }
    }

    /** Visit a frame of the same site: its boxes are lifted to the outermost window's. */
    *frame(element, document, rect, context) {
      watch(document);
      wittingSnapshot.onDocument?.(document);
      const style = getComputedStyle(element);
      const [left, top, right, bottom] = ["Left", "Top", "Right", "Bottom"].map((side) => parseFloat(style[`padding${side}`]) || 0);
      const bigger = element.offsetWidth ? rect.width / element.offsetWidth : 1;
      const x = rect.left + (element.clientLeft + left) * bigger;
      const y = rect.top + (element.clientTop + top) * bigger;
      const [width, height] = [(element.clientWidth - left - right) * bigger, (element.clientHeight - top - bottom) * bigger];
      const scale = document.defaultView.innerWidth ? width / document.defaultView.innerWidth : bigger;
      const view = cross(context.clips, { left: x, top: y, right: x + width, bottom: y + height });
      if (isEmpty(view)) return;
      yield* this.document(document, { ...context, clips: { view, flow: view, anchored: view }, shift: { x, y, scale, frame: element, above: context.shift } });
    }

    child(child, element, style, inner) {
      if (child.nodeType === Node.TEXT_NODE && !inner.isNamed && !inner.isFaint && style.visibility === "visible") this.text(child, element, style, inner);
    }

    /** A label's control comes just before the label's text, so that the text can be its child. */
    control(control, context) {
      const rect = lift(control.getBoundingClientRect(), context.shift);
      if (!this.early.has(control) && !isEmpty(rect)) {
        const style = getComputedStyle(control);
        if (style.display !== "none") this.early.set(control, this.own(control, style, cross(rect, context.clips.flow), context));
      }
      return this.early.get(control);
    }

    descends(element) {
      const tag = element.localName;
      return !OPAQUE.has(tag) && tag !== "input" && tag !== "textarea" && !(tag === "select" && !element.multiple && element.size <= 1) && !isIcon(element);
    }

    /** Whether a node's name says all that stands in it, so that its text isn't listed once more. */
    isWhole(element, node) {
      if (node.role === "textbox") return true;
      return NAMED_BY_CONTENT.has(node.role) && !node.states.includes("opaque") && (node.isPlain !== true || !element.querySelector(WITH_CONTROLS));
    }

    /** Add the element's own node; return its index, or undefined when it has none. */
    own(element, style, box, context) {
      if (isEmpty(box) || style.visibility !== "visible") return undefined;
      const isShape = SHAPES.has(element.localName) && element.namespaceURI.endsWith("svg");
      let role = isShape ? "image" : semanticRole(element);
      const clickable = !role || role === "group" || role === "heading" ? clickableRole(element, style, context.isUnderHand || context.isNamed) : "";
      const isPlain = clickable !== "" && role !== "heading";
      role = clickable || role || (isIcon(element) ? "image" : "");
      if (!role) return this.loose(element, style, box, context);
      if (context.isNamed && !INTERACTIVE.has(role)) return undefined;
      const cover = role !== "group" && !isShape && style.pointerEvents !== "none" ? coverOf(element, box, context.shift) : "";
      if (cover) return cover === "clear" ? this.beneath(element, style, box, context) : undefined;
      const node = this.add(context.parent, { ...this.describe(element, role, style), isPlain, box: asArray(box) });
      const { name, states } = this.nodes[node];
      const placeholder = states.includes("secure") ? "" : shownPlaceholder(element, name);
      if (placeholder) this.add(node, { name: placeholder.slice(0, TEXT_LIMIT), tag: element.localName, box: asArray(box) });
      return node;
    }

    describe(element, role, style) {
      const isSecret = role === "password" || isSecure(element);
      const states = statesOf(element, role, isSecret, this.focused);
      const name = MESSAGES.has(ariaRole(element)) ? `Messages ${nameOf(element, role)}`.trim() : nameOf(element, role);
      const isOpaque = name.length > NAME_LIMIT || isPainted(element, style) || showsMore(element, role, name, style);
      if (isOpaque && !states.includes("opaque")) states.push("opaque");
      const value = isSecret ? "" : valueOf(element, role);
      return { role, name: name.slice(0, NAME_LIMIT), value, states, tag: element.localName, key: keyOf(element) };
    }

    /** What shows through something clear can't be clicked, so it is no control; but what it shows is seen. */
    beneath(element, style, box, context) {
      if (!FIELDS.has(element.localName) && !PICTURES.has(element.localName)) return this.loose(element, style, box, context);
      return this.add(context.parent, { role: "group", tag: element.localName, key: keyOf(element), box: asArray(box), states: ["opaque"] });
    }

    /** A container without meaning: kept in the end if it holds two nodes or more, or if its style shows something. */
    loose(element, style, box, context) {
      if (context.isNamed || style.display === "contents") return undefined;
      const isOpaque = !context.isFaint && isPainted(element, style);
      if (!isOpaque && (style.display.startsWith("inline") || element.localName === "body")) return undefined;
      const states = [...(isOpaque ? ["opaque"] : []), ...(touched.has(element) ? ["touched"] : [])];
      return this.add(context.parent, { role: "group", tag: element.localName, key: keyOf(element), box: asArray(box), states });
    }

    text(text, element, style, inner) {
      if (this.isFull || !/\S/.test(text.data)) return;
      const range = text.ownerDocument.createRange();
      range.selectNodeContents(text);
      const box = cross(lift(range.getBoundingClientRect(), inner.shift), inner.clips.flow);
      if (isEmpty(box)) return;
      const line = [...range.getClientRects()].map((rect) => cross(lift(rect, inner.shift), inner.clips.flow)).find((rect) => !isEmpty(rect));
      if (!line || (style.pointerEvents !== "none" && coverOf(element, line, inner.shift) === "solid")) return;
      const name = collapse(text.data);
      const states = [...(touched.has(element) ? ["touched"] : []), ...(name.length > TEXT_LIMIT ? ["opaque"] : [])];
      this.add(inner.labels ?? inner.parent, { name: name.slice(0, TEXT_LIMIT), states, box: asArray(box), tag: element.localName, key: keyOf(element) });
    }
  }

  function isIcon(element) {
    if (element.localName !== "svg") return false;
    const rect = element.getBoundingClientRect();
    return rect.width <= ICON_PX && rect.height <= ICON_PX;
  }

  /** Drop containers that hold fewer than two nodes, hang their children higher, number what is left. */
  function settle(nodes) {
    const held = nodes.map(() => 0);
    const above = (i) => nodes[i].parent;
    const isKept = nodes.map((node) => node.role !== "group" || node.name !== "" || node.states.length > 0);
    for (let i = nodes.length - 1; i >= 0; i--) {
      isKept[i] = isKept[i] || held[i] >= 2;
      if (above(i) >= 0) held[above(i)] += isKept[i] ? 1 : held[i];
    }
    const refs = [];
    const kept = [];
    nodes.forEach((node, i) => {
      const parent = node.parent < 0 ? -1 : refs[node.parent];
      if (!isKept[i]) return void refs.push(parent);
      refs.push(kept.length);
      const { isPlain, ...rest } = node;
      kept.push({ ref: kept.length, ...rest, parent });
    });
    return kept;
  }

  // ---- where the page is on the screen -------------------------------------------------------------------------------

  const place = { zoom: 1, seen: null };
  const frameOf = () => ({ x: screenX, y: screenY, dx: outerWidth - innerWidth * place.zoom, dy: outerHeight - innerHeight * place.zoom });

  /** Learn the page's place from a real pointer event: it says where it is in the page and on the screen. */
  function calibrate(event) {
    if (!event.isTrusted || event.view !== window) return;
    place.seen = { x: event.screenX - event.clientX * place.zoom, y: event.screenY - event.clientY * place.zoom, frame: frameOf() };
  }

  /** Screen pixels of the viewport's top left corner, screen pixels per CSS pixel, and whether that was measured. */
  function origin() {
    const density = devicePixelRatio / place.zoom;
    const now = frameOf();
    const seen = place.seen;
    const isSame = seen && Math.abs(seen.frame.dx - now.dx) < 1 && Math.abs(seen.frame.dy - now.dy) < 1;
    const x = isSame ? seen.x + now.x - seen.frame.x : now.x + now.dx / 2;
    const y = isSame ? seen.y + now.y - seen.frame.y : now.y + now.dy - now.dx / 2;
    return { x: round(x * density), y: round(y * density), scale: devicePixelRatio, measured: Boolean(isSame) };
  }

  // ---- the surface ---------------------------------------------------------------------------------------------------

  const watched = new WeakSet();

  /** Listen for what a snapshot needs to know of the past: what was touched, what was secret, where the page lies. */
  function watch(root) {
    if (watched.has(root)) return;
    watched.add(root);
    for (const type of ["click", "input", "change"]) root.addEventListener(type, touch, { capture: true, passive: true });
    for (const type of ["pointermove", "pointerdown", "pointerover"]) root.addEventListener(type, calibrate, { capture: true, passive: true });
    watchSecrets(root);
  }

  /** A snapshot in the making: `step(ms)` goes on for about so long and says whether it is done; then `tree` is the page, `nodes` its nodes as JSON. */
  class Taking {
    #walk;
    #steps;
    #told = [0, 0, new Map()]; // hitMs, looked, said

    constructor(root) {
      watch(root);
      this.#walk = new Walk(root);
      this.#steps = this.#take(root);
    }

    step(ms) {
      this.#walk.until = performance.now() + ms;
      [hitMs, looked, said] = this.#told;
      try {
        return Boolean(this.#steps.next().done);
      } finally {
        this.#told = [hitMs, looked, said];
        said = null;
      }
    }

    *#take(root) {
      const { view } = this.#walk;
      const context = { parent: -1, clips: { view, flow: view, anchored: view }, shift: UNSHIFTED, isNamed: false, isUnderHand: false, isFaint: false, labels: undefined };
      yield* this.#walk.document(root, context);
      this.tree = { url: root.location.origin + root.location.pathname, title: root.title, origin: origin(), nodes: settle(this.#walk.nodes) };
      const words = [];
      for (const node of this.tree.nodes) {
        if (performance.now() > this.#walk.until) yield;
        words.push(JSON.stringify(node));
      }
      this.nodes = `[${words.join(",")}]`;
    }
  }

  /** Return the page as `{url, title, origin, nodes}`; `url` is without query and fragment, boxes are CSS pixels of the viewport, visible part only. */
  function wittingSnapshot(root) {
    const taking = new Taking(root);
    taking.step(Infinity);
    return taking.tree;
  }

  wittingSnapshot.origin = origin;
  wittingSnapshot.take = (root) => new Taking(root);
  wittingSnapshot.watch = watch;
  wittingSnapshot.isSecure = isSecure;
  wittingSnapshot.focused = () => focusedElement(document);
  wittingSnapshot.place = place;
  /** Forget what was touched: a new episode begins on the same page. Secrets stay secret. */
  wittingSnapshot.reset = () => {
    touched = new WeakSet();
  };
  globalThis.wittingSnapshot = wittingSnapshot;
})();
