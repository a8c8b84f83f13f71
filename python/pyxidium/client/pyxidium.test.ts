// The client against a transport that speaks the real frames.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type * as Client from "./pyxidium.js";

type Head = { op: string; session?: string; id?: number; name?: string; [key: string]: unknown };
type Handler = (head: Head, body: unknown, frame: Uint8Array) => unknown;

let client: typeof Client;
let heads: Head[];

/** What Python would answer; `hello` and `poll` are answered here. */
function python(handler: Handler): void {
  const invoke = async (command: string, frame: Uint8Array): Promise<unknown> => {
    expect(command).toBe("pyxidium");
    const [head, body] = texts(frame);
    heads.push(head as Head);
    if ((head as Head).op === "hello") return { development: false };
    if ((head as Head).op === "poll") return (await polls.shift()) ?? new Promise(() => {});
    return handler(head as Head, body, frame);
  };
  vi.stubGlobal("__TAURI_INTERNALS__", { invoke });
}

/** Head, body and patches of a frame. */
function texts(frame: Uint8Array): unknown[] {
  const view = new DataView(frame.buffer, frame.byteOffset);
  expect(new TextDecoder().decode(frame.subarray(0, 4))).toBe("PXB1");
  let end = 16;
  return [4, 8, 12].map((field) => {
    const start = end;
    end += view.getUint32(field, true);
    const text = new TextDecoder().decode(frame.subarray(start, end));
    return text === "" ? undefined : JSON.parse(text);
  });
}

/** An answer as Python sends it. */
function answer(body: unknown, patches: unknown[], buffers: Uint8Array): ArrayBuffer {
  const parts = ["", JSON.stringify(body), JSON.stringify(patches)].map((text) =>
    new TextEncoder().encode(text),
  );
  const end = parts.reduce((sum, part) => sum + part.length, 16);
  const start = Math.ceil(end / 8) * 8;
  const bytes = new Uint8Array(start + buffers.length);
  bytes.set(new TextEncoder().encode("PXB1"));
  const view = new DataView(bytes.buffer);
  let at = 16;
  parts.forEach((part, index) => {
    view.setUint32(4 + 4 * index, part.length, true);
    bytes.set(part, at);
    at += part.length;
  });
  bytes.set(buffers, start);
  return bytes.buffer;
}

let polls: Promise<unknown>[];

beforeEach(async () => {
  heads = [];
  polls = [];
  vi.resetModules();
  client = await import("./pyxidium.js");
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("invoke", () => {
  it("sends a name and arguments, and gives the result", async () => {
    python((head, body) => [head["name"], body]);
    expect(await client.invoke("add", { a: 1, skip: undefined, b: [undefined, null] })).toEqual([
      "add",
      { a: 1, b: [null, null] },
    ]);
    await client.invoke("nothing");
    expect(heads.map((head) => head.op)).toEqual(["hello", "call", "call"]);
    expect(heads.map((head) => head.id)).toEqual([undefined, 1, 2]);
    expect(new Set(heads.map((head) => head.session)).size).toBe(1);
  });

  it("rejects with what Python raised", async () => {
    python(() => {
      throw { type: "ArgumentError", message: "argument 'a': expected int", argument: "a" };
    });
    const error = await client.invoke("f").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(client.PythonError);
    expect(error).toMatchObject({ type: "ArgumentError", argument: "a", name: "PythonError" });
    expect((error as Error).message).toBe("argument 'a': expected int");
    expect(Object.hasOwn(error as object, "traceback")).toBe(false);
  });

  it("says so when there is no Python", async () => {
    expect(client.isAvailable()).toBe(false);
    await expect(client.invoke("f")).rejects.toMatchObject({ type: "Unavailable" });
  });

  it("tells of progress, the last before the result", async () => {
    polls = [Promise.resolve({ events: [], progress: [[1, 0.5, "half"], [99, 1, "another call"]] })];
    python(async (head) => {
      expect(head["progress"]).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { progress: [1, "all"], value: 42 };
    });
    const seen: unknown[] = [];
    const result = await client.invoke("f", {}, { onProgress: (progress) => seen.push(progress) });
    seen.push(result);
    expect(seen).toEqual([{ fraction: 0.5, message: "half" }, { fraction: 1, message: "all" }, 42]);
  });

  it("cancels by its signal", async () => {
    python((head) => (head.op === "call" ? new Promise(() => {}) : null));
    const controller = new AbortController();
    const call = client.invoke("f", {}, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 5);
    await expect(call).rejects.toThrow("enough");
    expect(heads.at(-1)).toMatchObject({ op: "cancel", id: 1 });
    // One that is aborted already does not call at all.
    await expect(client.invoke("f", {}, { signal: controller.signal })).rejects.toThrow("enough");
    expect(heads.filter((head) => head.op === "call")).toHaveLength(1);
  });

  it("cancels when its time is over", async () => {
    python((head) => (head.op === "call" ? new Promise(() => {}) : null));
    const call = client.invoke("f", {}, { timeout: 5 });
    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
    expect(heads.at(-1)).toMatchObject({ op: "cancel", id: 1 });
  });
});

describe("values", () => {
  it("sends what JSON does not have beside it", async () => {
    let sent: Uint8Array = new Uint8Array();
    python((_head, _body, frame) => {
      sent = frame;
      return null;
    });
    const matrix = Object.assign(new Float32Array([1, 2, 3, 4]), { shape: [2, 2] });
    await client.invoke("f", {
      big: 2n ** 70n,
      special: [NaN, -Infinity],
      when: new Date(0),
      bytes: new Uint8Array([1, 2, 3]),
      part: new Uint8Array([9, 8, 7, 6]).subarray(1, 3),
      buffer: new ArrayBuffer(2),
      set: new Set([1, 2]),
      map: new Map([["k", 1n]]),
      matrix,
    });
    const [, body, patches] = texts(sent);
    expect(body).toEqual({
      big: "1180591620717411303424",
      special: ["NaN", "-Infinity"],
      when: "1970-01-01T00:00:00.000Z",
      bytes: null,
      part: null,
      buffer: null,
      set: [1, 2],
      map: { k: "1" },
      matrix: null,
    });
    const array = { kind: "array", dtype: "uint8" };
    expect(patches).toEqual([
      { at: ["big"], kind: "int" },
      { at: ["special", 0], kind: "float" },
      { at: ["special", 1], kind: "float" },
      { at: ["bytes"], ...array, start: 0, length: 3 },
      { at: ["part"], ...array, start: 8, length: 2 },
      { at: ["buffer"], ...array, start: 16, length: 2 },
      { at: ["map", "k"], kind: "int" },
      { at: ["matrix"], kind: "array", dtype: "float32", shape: [2, 2], start: 24, length: 16 },
    ]);
    const buffers = sent.slice(sent.length - 40);
    expect([...buffers.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect([...buffers.subarray(8, 10)]).toEqual([8, 7]);
    expect([...new Float32Array(buffers.buffer, 24, 4)]).toEqual([1, 2, 3, 4]);
  });

  it("gives typed arrays over the answer's own memory", async () => {
    const bytes = new Uint8Array([1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 128, 63]);
    const buffer = answer(
      { raw: null, shaped: null, big: "18014398509481984", nan: "NaN", list: [0, "Infinity"] },
      [
        { at: ["raw"], kind: "array", dtype: "uint8", start: 0, length: 3 },
        { at: ["shaped"], kind: "array", dtype: "float32", shape: [1, 1], start: 8, length: 4 },
        { at: ["big"], kind: "int" },
        { at: ["nan"], kind: "float" },
        { at: ["list", 1], kind: "float" },
      ],
      bytes,
    );
    python(() => buffer);
    const value = (await client.invoke("f")) as Record<string, unknown>;
    expect(value["raw"]).toEqual(new Uint8Array([1, 2, 3]));
    expect((value["raw"] as Uint8Array).buffer).toBe(buffer);
    expect([...(value["shaped"] as Float32Array)]).toEqual([1]);
    expect(value["shaped"]).toHaveProperty("shape", [1, 1]);
    expect(value["big"]).toBe(2n ** 54n);
    expect(value["nan"]).toBeNaN();
    expect(value["list"]).toEqual([0, Infinity]);
  });

  it("takes a value that is nothing but bytes", async () => {
    const patch = { at: [], kind: "array", dtype: "uint8", start: 0, length: 2 };
    python(() => answer(null, [patch], new Uint8Array([4, 5])));
    expect(await client.invoke("f")).toEqual(new Uint8Array([4, 5]));
  });

  it("reads what it writes", () => {
    const value = { "a b": [1, "é😀\u2028", null, true], __proto__x: { n: 1n, f: NaN } };
    const frame = client.encode({}, value);
    expect(client.decode(frame.buffer as ArrayBuffer)).toEqual(value);
  });

  it("refuses what has no form", async () => {
    python(() => null);
    const endless: unknown[] = [];
    endless.push(endless);
    await expect(client.invoke("f", { endless })).rejects.toThrow("nested deeper than 128 levels");
    await expect(client.invoke("f", { g: () => 1 })).rejects.toThrow("a function cannot be sent");
    expect(() => client.decode(new ArrayBuffer(20))).toThrow("the answer is not a frame");
  });
});

describe("stream", () => {
  it("pulls until the end", async () => {
    const batches = [
      { items: [1, 2], done: false },
      { items: [], done: false },
      { items: [3], done: true },
    ];
    python(() => batches.shift());
    const items: unknown[] = [];
    for await (const item of client.stream("count", { to: 3 })) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    expect(heads.map((head) => head.op)).toEqual(["hello", "call", "next", "next"]);
    expect(heads[1]).toMatchObject({ stream: true, id: 1 });
  });

  it("asks for no more than it is asked for", async () => {
    python(() => ({ items: [1, 2], done: false }));
    const items = client.stream("count");
    await items.next();
    await items.next();
    expect(heads.map((head) => head.op)).toEqual(["hello", "call"]);
  });

  it("ends the generator when the loop is left", async () => {
    python((head) => (head.op === "return" ? null : { items: [1, 2, 3], done: false }));
    for await (const item of client.stream("count")) if (item === 2) break;
    expect(heads.at(-1)).toMatchObject({ op: "return", id: 1 });
  });

  it("fails with the generator", async () => {
    const answers = [{ items: [1], done: false }];
    python(() => {
      const next = answers.shift();
      if (!next) throw { type: "ValueError", message: "no more" };
      return next;
    });
    const items: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const item of client.stream("count")) items.push(item);
    };
    await expect(loop()).rejects.toMatchObject({ type: "ValueError" });
    expect(items).toEqual([1]);
    expect(heads.some((head) => head.op === "return")).toBe(false);
  });

  it("stops by its signal while it waits", async () => {
    python((head) => (head.op === "call" ? new Promise(() => {}) : null));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    const next = client.stream("count", {}, { signal: controller.signal }).next();
    await expect(next).rejects.toMatchObject({ name: "AbortError" });
    expect(heads.at(-1)).toMatchObject({ op: "cancel", id: 1 });
  });
});

describe("events", () => {
  it("reach whoever listens, until they do not", async () => {
    let next: (value: unknown) => void = () => {};
    const later = new Promise((resolve) => (next = resolve));
    polls = [Promise.resolve({ events: [["a", 1], ["b", 2]], progress: [], lost: 0 }), later];
    python(() => null);
    const seen: unknown[] = [];
    const unlisten = client.listen("a", (data) => seen.push(data));
    await vi.waitFor(() => expect(seen).toEqual([1]));
    client.listen("b", (data) => seen.push(data));
    unlisten();
    next({ events: [["a", 3], ["b", 4]] });
    await vi.waitFor(() => expect(seen).toEqual([1, 4]));
  });

  it("survive a handler that fails", async () => {
    polls = [Promise.resolve({ events: [["a", 1]] })];
    python(() => null);
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const seen: unknown[] = [];
    client.listen("a", () => {
      throw new Error("mine");
    });
    client.listen("a", (data) => seen.push(data));
    await vi.waitFor(() => expect(seen).toEqual([1]));
    expect(reported).toHaveBeenCalledOnce();
  });

  it("go to Python", async () => {
    const sent: unknown[] = [];
    python((head, body) => void sent.push([head.op, head["name"], body]));
    await client.emit("note", { a: 1 });
    await client.emit("bare");
    expect(sent).toEqual([
      ["emit", "note", { a: 1 }],
      ["emit", "bare", null],
    ]);
  });
});

describe("mock", () => {
  it("answers instead of Python", async () => {
    const python = client.mock({
      add: ({ a, b }: { a: number; b: number }) => a + b,
      fail: () => {
        throw new client.PythonError({ type: "ValueError", message: "no" });
      },
      work: (_args: never, { progress }) => progress(0.5, "half"),
      count: function* ({ to }: { to: number }) {
        for (let number = 0; number < to; number++) yield number;
      },
    });
    expect(client.isAvailable()).toBe(true);
    expect(await client.invoke("add", { a: 1, b: 2 })).toBe(3);
    await expect(client.invoke("fail")).rejects.toMatchObject({ type: "ValueError" });
    await expect(client.invoke("toString")).rejects.toMatchObject({ type: "UnknownCommand" });
    const seen: unknown[] = [];
    await client.invoke("work", {}, { onProgress: ({ fraction }) => seen.push(fraction) });
    for await (const item of client.stream("count", { to: 2 })) seen.push(item);
    client.listen("news", (data) => seen.push(data));
    python.emit("news", "n");
    expect(seen).toEqual([0.5, 0, 1, "n"]);
    await client.emit("note", 5);
    expect(python.emitted).toEqual([["note", 5]]);
    python.restore();
    expect(client.isAvailable()).toBe(false);
  });
});
