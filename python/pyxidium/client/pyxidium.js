// The page's side of Pyxidium: calls into Python, streams and events.
//
// A message is a frame: a header, three JSON texts (head, body, patches), then buffers. Patches say
// where in the body something stands that JSON cannot hold. The layout is described where the other
// end is: crates/bridge/src/frame.rs.

const MAGIC = 0x31425850; // "PXB1"
const HEADER = 16;
const MAX_DEPTH = 128;

/** What an app's Python raised, or why a call was refused. */
export class PythonError extends Error {
  constructor({ type, message, argument, code, data, traceback }) {
    super(message);
    this.name = "PythonError";
    this.type = type;
    if (argument !== undefined) this.argument = argument;
    if (code !== undefined) this.code = code;
    if (data !== undefined) this.data = data;
    if (traceback !== undefined) this.traceback = traceback;
  }
}

/** Calls a Python command: a promise of its result. */
export async function invoke(name, args = {}, options = {}) {
  if (mocked) return mocked.invoke(name, args, options);
  const call = await begin(options);
  try {
    const { onProgress } = options;
    const head = { op: "call", id: call.id, name, progress: Boolean(onProgress) };
    const answer = await call.race(send(head, args));
    if (!onProgress) return answer;
    report(onProgress, answer.progress);
    return answer.value;
  } catch (error) {
    if (error instanceof PythonError && error.held) report(options.onProgress, error.held);
    throw error;
  } finally {
    call.end();
  }
}

/** Calls a Python generator: its items, as they are asked for. */
export async function* stream(name, args = {}, options = {}) {
  if (mocked) return yield* mocked.stream(name, args, options);
  const call = await begin(options);
  let open = true;
  try {
    const progress = Boolean(options.onProgress);
    let head = { op: "call", id: call.id, name, stream: true, progress };
    let body = args;
    while (open) {
      const answer = await call.race(send(head, body));
      open = !answer.done;
      yield* answer.items;
      report(options.onProgress, answer.progress);
      head = { op: "next", id: call.id };
      body = undefined;
    }
  } catch (error) {
    open = false;
    throw error;
  } finally {
    call.end();
    if (open) void send({ op: "return", id: call.id }).catch(ignore);
  }
}

/** Calls `handler` with the data of each event of that name; returns what ends that. */
export function listen(event, handler) {
  const handlers = listeners.get(event) ?? new Set();
  listeners.set(event, handlers.add(handler));
  if (!mocked) void poll();
  return () => void handlers.delete(handler);
}

/** Sends an event to Python's `px.on` handlers. */
export async function emit(event, data = null) {
  if (mocked) return mocked.emit(event, data);
  await hello();
  await send({ op: "emit", name: event }, data);
}

/** Whether there is a Python to call: false in a plain browser. */
export function isAvailable() {
  return Boolean(mocked) || transport() !== undefined;
}

// -- Calls -----------------------------------------------------------------------------------------

let lastId = 0;
const reporters = new Map();

/** A call's number, and what ends it early: its signal or its time. */
async function begin({ onProgress, signal, timeout }) {
  signal?.throwIfAborted();
  await hello();
  signal?.throwIfAborted();
  const id = ++lastId;
  let rejectEarly;
  const early = new Promise((_, reject) => (rejectEarly = reject));
  early.catch(ignore);
  const stop = (reason) => {
    rejectEarly(reason);
    void send({ op: "cancel", id }).catch(ignore);
  };
  const abort = () => stop(signal.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const late = () => stop(new DOMException(`no answer within ${timeout} ms`, "TimeoutError"));
  const timer = timeout === undefined ? undefined : setTimeout(late, timeout);
  if (onProgress) {
    reporters.set(id, onProgress);
    void poll();
  }
  return {
    id,
    race: (answer) => Promise.race([answer, early]),
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      reporters.delete(id);
    },
  };
}

function report(onProgress, update) {
  if (!onProgress || !update) return;
  const [fraction, message] = update;
  onProgress({ fraction, message });
}

function ignore() {}

// -- Events ----------------------------------------------------------------------------------------

const listeners = new Map();
let polling = false;

/** Fetches events and progress as long as anybody wants them. */
async function poll() {
  if (polling) return;
  polling = true;
  try {
    await hello();
    while (listeners.size > 0 || reporters.size > 0) {
      const { events = [], progress = [], lost = 0 } = await send({ op: "poll" });
      for (const [id, ...update] of progress) guarded(report, reporters.get(id), update);
      for (const [event, data] of events) dispatch(event, data);
      if (lost > 0) console.warn(`pyxidium: ${lost} events came faster than they were handled`);
    }
  } catch (error) {
    // The page is being left, or there is no Python.
    console.debug("pyxidium: no more events:", error);
  } finally {
    polling = false;
  }
}

function dispatch(event, data) {
  for (const handler of listeners.get(event) ?? []) guarded(handler, data);
}

/** One handler's mistake must not keep others from being called. */
function guarded(handler, ...args) {
  try {
    handler(...args);
  } catch (error) {
    reportError(error);
  }
}

// -- Messages --------------------------------------------------------------------------------------

function transport() {
  return globalThis.__TAURI_INTERNALS__?.invoke;
}

let session;
let greeted;

/** Tells Python once that this page is here: calls of the page before it are ended. */
function hello() {
  if (transport() === undefined) {
    const message = "there is no Python here: open this page in its app, or use mock() in a test";
    return Promise.reject(new PythonError({ type: "Unavailable", message }));
  }
  if (!greeted) {
    session = Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
    greeted = send({ op: "hello" });
  }
  return greeted;
}

// At once, not with the first call: the page before this one may have left long calls behind.
if (transport() !== undefined) hello().catch(ignore);

async function send(head, body) {
  let answer;
  try {
    answer = await transport()("pyxidium", encode({ session, ...head }, body));
  } catch (error) {
    throw failure(error);
  }
  return answer instanceof ArrayBuffer ? decode(answer) : answer;
}

function failure(error) {
  if (error instanceof Error) return error;
  if (typeof error !== "object" || error === null) {
    return new PythonError({ type: "BridgeError", message: String(error) });
  }
  const failed = new PythonError(error);
  if (error.progress) Object.defineProperty(failed, "held", { value: error.progress });
  return failed;
}

/** A frame of a head and a body. */
export function encode(head, body) {
  const patches = [];
  const buffers = [];
  let size = 0;
  const add = (at, bytes, dtype, shape) => {
    patches.push({ at, kind: "array", dtype, shape, start: size, length: bytes.byteLength });
    buffers.push([size, bytes]);
    size = aligned(size + bytes.byteLength);
  };
  const text = body === undefined ? "" : JSON.stringify(plain(body, [], patches, add));
  const parts = [JSON.stringify(head), text, patches.length ? JSON.stringify(patches) : ""];
  const texts = parts.map((part) => new TextEncoder().encode(part));

  const lengths = texts.map((part) => part.length);
  const start = aligned(lengths.reduce((sum, length) => sum + length, HEADER));
  const frame = new Uint8Array(start + size);
  const view = new DataView(frame.buffer);
  [MAGIC, ...lengths].forEach((field, index) => view.setUint32(4 * index, field, true));
  let end = HEADER;
  for (const part of texts) {
    frame.set(part, end);
    end += part.length;
  }
  for (const [offset, bytes] of buffers) frame.set(bytes, start + offset);
  return frame;
}

/** A value as JSON can hold it; what it cannot is noted as a patch. */
function plain(value, at, patches, add) {
  switch (typeof value) {
    case "number":
      if (Number.isFinite(value)) return value;
      patches.push({ at, kind: "float" });
      return String(value);
    case "bigint":
      patches.push({ at, kind: "int" });
      return String(value);
    case "function":
    case "symbol":
      throw new TypeError(`a ${typeof value} cannot be sent to Python, at ${at.join(".")}`);
    case "object":
      return value === null ? null : plainObject(value, at, patches, add);
    default:
      return value;
  }
}

function plainObject(value, at, patches, add) {
  if (at.length > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH} levels`);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const bytes =
      value instanceof ArrayBuffer
        ? new Uint8Array(value)
        : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    add(at, bytes, DTYPES.get(value.constructor) ?? "uint8", value.shape);
    return null;
  }
  const inner = (item, key) => plain(item, [...at, key], patches, add);
  if (Array.isArray(value)) return value.map((item, index) => inner(item ?? null, index));
  if (value instanceof Set) return Array.from(value, (item, index) => inner(item ?? null, index));
  // A Date among others.
  if (typeof value.toJSON === "function") return plain(value.toJSON(), at, patches, add);
  const entries = value instanceof Map ? Array.from(value) : Object.entries(value);
  const known = entries.filter(([, item]) => item !== undefined);
  return Object.fromEntries(known.map(([key, item]) => [key, inner(item, String(key))]));
}

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};
const DTYPES = new Map(Object.entries(ARRAYS).map(([dtype, type]) => [type, dtype]));

/** The value in a frame. Arrays are views of the frame's own memory. */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) {
    throw new PythonError({ type: "BridgeError", message: "the answer is not a frame" });
  }
  let end = HEADER;
  const [, body, patches] = [4, 8, 12].map((field) => {
    const start = end;
    end += view.getUint32(field, true);
    return new TextDecoder().decode(new Uint8Array(buffer, start, end - start));
  });
  const start = aligned(end);
  const root = { value: JSON.parse(body || "null") };
  for (const patch of patches ? JSON.parse(patches) : []) {
    const path = ["value", ...patch.at];
    const last = path.pop();
    const place = path.reduce((value, key) => value[key], root);
    place[last] = patched(patch, place[last], buffer, start);
  }
  return root.value;
}

function patched(patch, digits, buffer, start) {
  switch (patch.kind) {
    case "int":
      return BigInt(digits);
    case "float":
      return Number(digits);
    default: {
      const type = ARRAYS[patch.dtype];
      const count = patch.length / type.BYTES_PER_ELEMENT;
      const array = new type(buffer, start + patch.start, count);
      return patch.shape ? Object.assign(array, { shape: patch.shape }) : array;
    }
  }
}

function aligned(size) {
  return Math.ceil(size / 8) * 8;
}

// -- Tests -----------------------------------------------------------------------------------------

let mocked;

/**
 * Answers calls with JavaScript functions instead of Python: for a page's unit tests.
 *
 * A function gets the arguments and `{ progress, signal }`; what it returns or throws is the
 * answer, and a generator is a stream. Returns what ends it, and sends events to the page.
 */
export function mock(handlers) {
  const emitted = [];
  const handler = (name, args, { onProgress, signal } = {}) => {
    signal?.throwIfAborted();
    if (!Object.hasOwn(handlers, name)) {
      throw new PythonError({ type: "UnknownCommand", message: `no command "${name}"` });
    }
    const progress = (fraction, message = "") => report(onProgress, [fraction, message]);
    return handlers[name](args, { progress, signal });
  };
  mocked = {
    invoke: async (name, args, options) => handler(name, args, options),
    async *stream(name, args, options) {
      for await (const item of handler(name, args, options)) {
        options?.signal?.throwIfAborted();
        yield item;
      }
    },
    emit: async (event, data) => void emitted.push([event, data]),
  };
  return {
    emitted,
    emit: dispatch,
    restore() {
      mocked = undefined;
      listeners.clear();
    },
  };
}
