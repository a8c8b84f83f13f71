// Made by `pyxidium types`: run it again when a command changes.

import type {} from "pyxidium";

declare module "pyxidium" {
  interface Commands {
    count_primes: { args: { below: number }; result: number };
    greet: { args: { name: string }; result: string };
    watch_load: { args: Record<string, never>; item: Sample };
  }
}

export interface Sample {
  time: string;
  load: number;
}
