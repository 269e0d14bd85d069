/* When the page's tree is read, and how little of the page's time that takes.
 *
 * For: content.js. A tree is read in slices of less than half a millisecond, just after a frame was painted, so that no layout is forced; if the page
 * changes meanwhile it is read anew. Doesn't know: what a tree holds, what is lent. Invariant: a tree that is sent as whole was read without a
 * change in between; one that couldn't be is said to be unmeasured, so that no picture is shown by it.
 */
(() => {
  "use strict";
  if (globalThis.WittingLooking) return;

  const SETTLE_MS = 100; // a tree follows when the page has been still for so long
  const PATIENCE_MS = 400; // or after so long when it never is
  const KEY_TREE_MS = 300; // at most one tree per so long while typing
  const BEFORE_MS = 2; // a tree taken as a button or key goes down shows the page as it stood before, and is dated so
  const SLICE_MS = 0.4;
  const QUICK_MS = 1; // a page that is read in so little, or has so few elements, is read at once as a button goes down
  const FEW = 40;
  const TEAR_MS = 250; // after so long of changes what was begun is finished all the same
  const FRAME_MS = 100; // a frame that isn't painted by then isn't waited for

  const channel = new MessageChannel();
  const queue = [];
  channel.port1.onmessage = () => queue.shift()?.();
  const soon = (deed) => {
    queue.push(deed);
    channel.port2.postMessage(0);
  };
  /** Do something when the next frame has been painted: styles and places are known then. `before` runs just before it is. */
  const afterPaint = (deed, { before }) => {
    let timer = 0;
    const go = () => {
      if (!timer) return;
      before();
      clearTimeout(timer);
      timer = 0;
      soon(deed);
    };
    timer = setTimeout(go, FRAME_MS);
    requestAnimationFrame(go);
  };
  const at = (event) => performance.timeOrigin + (event ? event.timeStamp : performance.now());

  /** Reads trees while on; `send(message)` takes them, `onRead()` is called after each. */
  globalThis.WittingLooking = class {
    #send;
    #onRead;
    #isOn = false;
    #version = 0; // grows with each change
    #readVersion = -1; // what was read last, -1 = nothing whole
    #isHovered = false; // styles may have changed under the pointer since
    #told = "";
    #cost = Infinity; // of the last reading, ms
    #orders = [];
    #serving = [];
    #taking = null;
    #takenVersion = 0;
    #paintedVersion = 0; // as the last frame was painted
    #sliceVersion = 0; // as the last slice began
    #takenAt = 0;
    #spent = 0; // on it so far, ms
    #begunAt = 0;
    #isWaiting = false;
    #timer = 0;
    #firstChange = 0;
    #hoverTimer = 0;
    #lastKey = -Infinity;

    constructor({ send, onRead }) {
      this.#send = send;
      this.#onRead = onRead;
    }

    start() {
      this.#isOn = true;
    }

    stop() {
      clearTimeout(this.#timer);
      clearTimeout(this.#hoverTimer);
      this.#isOn = false;
      [this.#timer, this.#hoverTimer] = [0, 0];
      this.#drop();
      this.forget();
    }

    /** Take nothing as told: the next tree is sent whatever it is. */
    forget() {
      this.#told = "";
      this.#readVersion = -1;
      this.#lastKey = -Infinity;
    }

    /** The page changed: its tree is sent once it is still. */
    change() {
      this.#version += 1;
      const now = performance.now();
      if (!this.#timer) this.#firstChange = now;
      clearTimeout(this.#timer);
      const wait = Math.max(0, Math.min(SETTLE_MS, this.#firstChange + PATIENCE_MS - now));
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.#order({ why: "mutation" });
      }, wait);
    }

    /** The pointer is over something else: styles may follow it. */
    hover() {
      this.#isHovered = true;
      clearTimeout(this.#hoverTimer);
      this.#hoverTimer = setTimeout(() => this.#isHovered && this.#order({ why: "mutation" }), SETTLE_MS);
    }

    /** A button goes down: say how the page stood, if that is known for sure. */
    press(event) {
      this.#lastKey = -Infinity;
      const t = at(event) - BEFORE_MS;
      if (this.#isQuick()) this.#readNow({ why: "pointerdown", t, always: true });
      else if (this.#readVersion === this.#version && !this.#isHovered) this.#sendSame({ why: "pointerdown", t });
      else this.change();
    }

    /** A key goes down. */
    key(event) {
      if (event.timeStamp - this.#lastKey < KEY_TREE_MS) return;
      this.#lastKey = event.timeStamp;
      if (this.#isQuick()) this.#readNow({ why: "focus", t: at(event) - BEFORE_MS });
      else if (this.#readVersion !== this.#version) this.#order({ why: "focus" });
    }

    /** The recorder asks. */
    probe(id) {
      if (this.#isQuick()) this.#readNow({ why: "probe", id, always: true });
      else this.#order({ why: "probe", id, always: true });
    }

    #isQuick() {
      return this.#cost <= QUICK_MS || document.getElementsByTagName("*").length <= FEW;
    }

    #order(order) {
      this.#orders.push(order);
      this.#begunAt ||= performance.now();
      this.#await();
    }

    #await() {
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      const go = () => {
        this.#isWaiting = false;
        this.#go();
      };
      afterPaint(go, { before: () => (this.#paintedVersion = this.#version) });
    }

    #drop() {
      [this.#orders, this.#serving, this.#taking, this.#begunAt] = [[], [], null, 0];
    }

    /** Read one slice. */
    #go() {
      if (!this.#isOn || document.visibilityState !== "visible") return this.#drop();
      if (this.#taking && this.#sliceVersion !== this.#version) {
        if (performance.now() - this.#begunAt < TEAR_MS) this.#taking = null; // begin anew
        this.#sliceVersion = this.#version;
        return this.#await(); // in a frame of its own
      }
      const isPatient = performance.now() - this.#begunAt < TEAR_MS;
      if (!this.#taking && this.#paintedVersion !== this.#version && isPatient) return this.#await(); // it changed since: reading would force a layout
      if (!this.#taking && !this.#begin()) return undefined;
      const from = performance.now();
      const isDone = this.#taking.step(SLICE_MS);
      this.#spent += performance.now() - from;
      return isDone ? this.#finish() : soon(() => this.#go());
    }

    #begin() {
      this.#serving.push(...this.#orders);
      this.#orders = [];
      if (this.#serving.length === 0) return false;
      [this.#takenVersion, this.#sliceVersion, this.#takenAt, this.#isHovered, this.#spent] = [this.#version, this.#version, at(), false, 0];
      this.#taking = wittingSnapshot.take(document);
      return true;
    }

    #finish() {
      const { tree, nodes } = this.#taking;
      const [served, isTorn] = [this.#serving, this.#takenVersion !== this.#version];
      [this.#taking, this.#serving, this.#begunAt, this.#cost] = [null, [], this.#orders.length ? performance.now() : 0, this.#spent];
      if (isTorn) tree.origin.measured = false;
      this.#readVersion = isTorn ? -1 : this.#takenVersion;
      for (const order of served) this.#tell({ t: this.#takenAt, ...order }, tree, nodes);
      this.#onRead();
      if (this.#orders.length) this.#await();
    }

    /** Read a small page at one go. */
    #readNow(order) {
      if (!this.#isOn || document.visibilityState !== "visible") return;
      const [t, from] = [at(), performance.now()];
      const taking = wittingSnapshot.take(document);
      taking.step(Infinity);
      [this.#cost, this.#readVersion, this.#isHovered] = [performance.now() - from, this.#version, false];
      this.#tell({ t, ...order }, taking.tree, taking.nodes);
      this.#onRead();
    }

    #tell({ why, t, id, always = false }, tree, nodes) {
      if (nodes === this.#told) {
        if (always) this.#sendSame({ why, t, id, origin: tree.origin });
        return;
      }
      this.#told = nodes;
      this.#send({ type: "tree", t, why, tree: { ...tree, nodes }, ...(id === undefined ? {} : { id }) });
    }

    /** Say that the tree that was sent last holds still. */
    #sendSame({ why, t, id, origin = wittingSnapshot.origin() }) {
      this.#send({ type: "same", t, why, origin, ...(id === undefined ? {} : { id }) });
    }
  };
})();
