// The measurements of a page, the same for both peers. What it calls is handed in:
// job(), report(line), ping(value), blobOut(size), blobIn(bytes).

const MEGABYTE = 1_000_000;
const BLOB = 100 * MEGABYTE;
const ROUND_TRIPS = 300;
const BLOBS = 3;
const MANY = 10_000;
const AT_ONCE = 100;

async function timed(action) {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

function median(values) {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)];
}

async function repeated(times, action) {
  await action();
  const values = [];
  for (let i = 0; i < times; i += 1) values.push(await timed(action));
  return median(values);
}

function expect(condition, what) {
  if (!condition) throw new Error(what);
}

async function roundTrip(api) {
  // A clock of the page ticks in milliseconds, too coarse for one call.
  const batch = 50;
  const seconds = await repeated(ROUND_TRIPS / batch, async () => {
    for (let i = 0; i < batch; i += 1) expect((await api.ping(i)) === i, "ping");
  });
  return seconds / batch;
}

async function blobOut(api) {
  return repeated(BLOBS, async () => {
    const bytes = new Uint8Array(await api.blobOut(BLOB));
    expect(bytes.length === BLOB && bytes[BLOB - 1] === 7, "blobOut");
  });
}

async function blobIn(api) {
  const bytes = new Uint8Array(BLOB).fill(7);
  return repeated(BLOBS, async () => expect((await api.blobIn(bytes)) === BLOB, "blobIn"));
}

async function copy() {
  const bytes = new Uint8Array(BLOB).fill(7);
  return repeated(BLOBS, async () => expect(bytes.slice().length === BLOB, "copy"));
}

async function many(api) {
  return timed(async () => {
    for (let done = 0; done < MANY; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => api.ping(done + i)));
    }
  });
}

/// Says READY once a command has answered, then does its job and reports the figures in seconds.
export async function run(api) {
  try {
    await api.ping(1);
    await api.report("READY");
    if ((await api.job()) !== "measure") return;
    const figures = {
      round_trip: await roundTrip(api),
      many: await many(api),
      copy: await copy(),
      blob_out: await blobOut(api),
      blob_in: await blobIn(api),
    };
    await api.report(JSON.stringify(figures));
  } catch (error) {
    await api.report(`FAILED ${error}`);
  }
}
