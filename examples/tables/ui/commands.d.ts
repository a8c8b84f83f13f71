// Made by `pyxidium types`: run it again when a command changes.

import type {} from "pyxidium";

declare module "pyxidium" {
  interface Commands {
    choose: { args: Record<string, never>; result: string | null };
    export: { args: { number: number }; result: string | null };
    load: { args: { path: string }; result: Shown };
    peek: { args: { path: string }; result: Uint8Array };
    plot: { args: { number: number; what: "histogram" | "line" | "bars"; x: string; y: string | null; bins: number }; result: Uint8Array };
    prefer: { args: { theme: "system" | "light" | "dark"; bins: number }; result: null };
    rows: { args: { number: number; start: number; count: number }; result: Uint8Array };
    start: { args: Record<string, never>; result: Start };
    view: { args: { query: QueryInput }; result: Shown };
  }
}

export interface Column {
  name: string;
  kind: "number" | "date" | "time" | "bool" | "text";
  type: string;
}

export interface MeasureInput {
  how: "count" | "sum" | "mean" | "median" | "min" | "max" | "distinct";
  column?: string;
}

export interface QueryInput {
  filters?: Record<string, string>;
  sort?: string | null;
  descending?: boolean;
  group?: string[];
  measures?: MeasureInput[];
}

export interface Shown {
  number: number;
  rows: number;
  columns: Column[];
  milliseconds: number;
}

export interface Start {
  path: string | null;
  theme: "system" | "light" | "dark";
  bins: number;
  recent: string[];
}
