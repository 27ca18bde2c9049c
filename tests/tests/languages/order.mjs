// An order on AWS's JavaScript SDK: a step, a retry, a wait, a callback, a map and calls of other functions. Besides it,
// functions that are called, that fail, that tell how others fail, and that are killed.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Installed where the variable says, not beside this file.
const require = createRequire(join(process.env.NODE_MODULES_FOLDER, "package.json"));
const { withDurableExecution } = require("@aws/durable-execution-sdk-js");

const folder = process.env.ORDER_FOLDER;

// Notes that a body ran, and tells how often it has by now.
function ran(body) {
  const file = join(folder, `node-${body}`);
  appendFileSync(file, "ran\n");
  return readFileSync(file, "utf8").trim().split("\n").length;
}

export const order = withDurableExecution(async (event, context) => {
  const reserved = await context.step("reserve", async () => `${event.id}/${ran("reserve")}`);
  const charge = async () => {
    const attempt = ran("charge");
    if (attempt < 3) throw new Error(`declined ${attempt}`);
    return { attempt };
  };
  const retryStrategy = (_error, attempt) => ({ shouldRetry: attempt < 3, delay: { seconds: 1 } });
  const charged = await context.step("charge", charge, { retryStrategy });
  await context.wait("settle", { seconds: 1 });
  const approval = await context.waitForCallback("approve", async (callbackId) => {
    writeFileSync(join(folder, "node-callback"), callbackId);
  });
  const double = (itemContext, item, index) => itemContext.step(`double-${index}`, async () => item * 2);
  const doubled = await context.map("numbers", event.numbers, double, { maxConcurrency: 1 });
  const called = [];
  for (const name of event.calls) called.push(await context.invoke(`call-${name}`, name, { name: "Ada" }));
  return { reserved, charged, approval, doubled: doubled.getResults(), called };
});

export const greet = withDurableExecution(async (event, context) =>
  context.step("compose", async () => ({ text: `Hello, ${event.name}, from Node.js!` })),
);

export const refuse = withDurableExecution(async (event) => {
  throw new RangeError(`${event.name} is refused by Node.js`);
});

// Calls a function, and tells how it fails.
export const report = withDurableExecution(async (event, context) => {
  try {
    return await context.invoke(`call-${event.fails}`, event.fails, { name: "Ada" });
  } catch (error) {
    // The SDK drops the type.
    return { message: error.message };
  }
});

// Waits to be killed in its second step, when that runs for the first time.
export const survive = withDurableExecution(async (event, context) => {
  const second = async () => {
    if (ran("second") === 1) {
      writeFileSync(join(folder, "node-process"), `${process.pid}\n`);
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    }
    return "second";
  };
  return [await context.step("first", async () => `first ${ran("first")}`), await context.step("second", second)];
});
