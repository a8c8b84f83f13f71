/**
 * Calls from a page into its app's Python.
 *
 * `pyxidium types` writes a file that fills {@link Commands}; then names, arguments and results are
 * checked. Without it every name is allowed and results are `unknown`.
 */

/** The app's commands. `pyxidium types` adds to it by declaration merging. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Commands {}

/** How far a call is. */
export interface Progress {
  /** From 0 to 1; null while it is not known. */
  readonly fraction: number | null;
  readonly message: string;
}

export interface CallOptions {
  /** Called at most 30 times a second, and with the last update always. */
  onProgress?: (progress: Progress) => void;
  /** Cancels the call: the promise is rejected with the signal's reason, Python is told to stop. */
  signal?: AbortSignal;
  /** Milliseconds after which the call is cancelled. */
  timeout?: number;
}

type Untyped = [keyof Commands] extends [never] ? true : false;
type Args = Record<string, unknown>;
type NamesWith<Key extends string> = {
  [Name in keyof Commands]: Commands[Name] extends Record<Key, unknown> ? Name : never;
}[keyof Commands];
type ArgsOf<Name> = Name extends keyof Commands
  ? Commands[Name] extends { args: infer A }
    ? A
    : never
  : Args;
type Of<Name, Key extends string> = Name extends keyof Commands
  ? Commands[Name] extends Record<Key, infer R>
    ? R
    : never
  : unknown;
/** Arguments may be left out where none is required. */
type Rest<A> = Record<string, never> extends A
  ? [args?: A, options?: CallOptions]
  : [args: A, options?: CallOptions];

/** Calls a Python command: a promise of its result. */
export function invoke<Name extends Untyped extends true ? string : NamesWith<"result">>(
  name: Name,
  ...rest: Rest<ArgsOf<Name>>
): Promise<Of<Name, "result">>;

/** Calls a Python generator: its items. Leaving the loop early ends the generator. */
export function stream<Name extends Untyped extends true ? string : NamesWith<"item">>(
  name: Name,
  ...rest: Rest<ArgsOf<Name>>
): AsyncGenerator<Of<Name, "item">, void, undefined>;

/** Calls `handler` with the data of each event of that name; returns what ends that. */
export function listen<Data = unknown>(event: string, handler: (data: Data) => void): () => void;

/** Sends an event to Python's `px.on` handlers. */
export function emit(event: string, data?: unknown): Promise<void>;

/** Whether there is a Python to call: false in a plain browser. */
export function isAvailable(): boolean;

/** What an app's Python raised, or why a call was refused. */
export class PythonError extends Error {
  constructor(fields: {
    type: string;
    message: string;
    argument?: string;
    code?: string;
    data?: unknown;
    traceback?: string;
  });
  /** The exception's class; `ArgumentError` for an argument that does not fit. */
  readonly type: string;
  /** The argument that does not fit, as `items[3].name`. */
  readonly argument?: string;
  /** `code` and `data` of a `px.Error`. */
  readonly code?: string;
  readonly data?: unknown;
  /** Only under `pyxidium dev`. */
  readonly traceback?: string;
}

/** A typed array of Python's numpy; a page may set `shape` on one that it sends. */
export type Shaped<A> = A & { readonly shape?: readonly number[] };

export interface MockContext {
  progress(fraction: number | null, message?: string): void;
  readonly signal?: AbortSignal;
}

export interface Mock {
  /** The events that the page has emitted. */
  readonly emitted: readonly (readonly [event: string, data: unknown])[];
  /** Sends an event to the page. */
  emit(event: string, data?: unknown): void;
  /** Ends the mock. */
  restore(): void;
}

/** Answers calls with JavaScript functions instead of Python: for a page's unit tests. */
export function mock(
  handlers: Record<string, (args: never, context: MockContext) => unknown>,
): Mock;

/** A message's bytes, as they are sent: for tests of transports. */
export function encode(head: object, body?: unknown): Uint8Array;

/** The value in an answer's bytes. */
export function decode(buffer: ArrayBuffer): unknown;
