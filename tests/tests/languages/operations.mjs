// Calls every operation that the AWS SDK for JavaScript knows of the local service, and prints what it saw as JSON.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Installed where the variable says, not beside this file.
const require = createRequire(join(process.env.NODE_MODULES_FOLDER, "package.json"));
const lambda = require("@aws-sdk/client-lambda");

const [endpoint, functionName, callback] = process.argv.slice(2);
const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const client = new lambda.LambdaClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
const ORDER = { id: "o-1", numbers: [1, 2], calls: [] };

const send = (command, input) => client.send(new lambda[`${command}Command`](input));

const invoke = (InvocationType, DurableExecutionName, event = ORDER) =>
  send("Invoke", {
    FunctionName: functionName,
    Qualifier: "$LATEST",
    InvocationType,
    DurableExecutionName,
    Payload: JSON.stringify(event),
  });

async function eventually(look) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("timed out");
}

// Starts an execution, and waits until it waits for its callback.
async function started(name) {
  rmSync(callback, { force: true });
  const { DurableExecutionArn } = await invoke("Event", name);
  const id = await eventually(() => existsSync(callback) && readFileSync(callback, "utf8"));
  return [DurableExecutionArn, id];
}

const described = (DurableExecutionArn) => send("GetDurableExecution", { DurableExecutionArn });

async function closed(arn) {
  await eventually(async () => (await described(arn)).Status !== "RUNNING");
  return described(arn);
}

async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    const isTyped = error instanceof (lambda[error.name] ?? Array);
    return [isTyped ? error.name : `untyped ${error.name}`, error.$metadata?.httpStatusCode];
  }
  return null;
}

async function listed(filters) {
  const input = { FunctionName: functionName, Qualifier: "$LATEST", ...filters };
  const executions = [];
  for await (const page of lambda.paginateListDurableExecutionsByFunction({ client, pageSize: 1 }, input))
    executions.push(...page.DurableExecutions);
  return executions.map((it) => [it.DurableExecutionName, it.Status]).sort();
}

const seen = { dry_run: (await invoke("DryRun")).StatusCode };

let [one, CallbackId] = await started("one");
await send("SendDurableExecutionCallbackHeartbeat", { CallbackId });
await send("SendDurableExecutionCallbackSuccess", { CallbackId, Result: Buffer.from("yes") });
const first = await closed(one);
seen.one = [first.Status, JSON.parse(first.Result).approval];
const attached = await invoke("RequestResponse", "one");
const result = JSON.parse(Buffer.from(attached.Payload).toString());
seen.attached = [attached.StatusCode, attached.DurableExecutionArn === one, result.doubled];
const whole = await send("GetDurableExecutionHistory", { DurableExecutionArn: one, IncludeExecutionData: true });
const ids = [];
const paginated = lambda.paginateGetDurableExecutionHistory({ client, pageSize: 7 }, { DurableExecutionArn: one });
for await (const page of paginated) ids.push(...page.Events.map((event) => event.EventId));
seen.paged = ids.length > 7 && ids.join() === whole.Events.map((event) => event.EventId).join();

let two;
[two, CallbackId] = await started("two");
await send("SendDurableExecutionCallbackFailure", { CallbackId, Error: { ErrorType: "Refusal", ErrorMessage: "no" } });
const second = await closed(two);
seen.two = [second.Status, second.Error.ErrorMessage.includes("no")];

let three;
[three, CallbackId] = await started("three");
const Error_ = { ErrorType: "Stopped", ErrorMessage: "enough" };
await send("StopDurableExecution", { DurableExecutionArn: three, Error: Error_ });
const third = await closed(three);
seen.three = [third.Status, third.Error.ErrorMessage];
seen.listed = await listed({});
seen.failed = await listed({ Statuses: ["FAILED"] });

const DurableExecutionArn = one.replace("/one/", "/none/");
const token = { DurableExecutionArn: three, CheckpointToken: "bm9uZQ==" };
const plain = { Payload: "{}" };
seen.errors = {
  taken: await errorOf(() => invoke("Event", "one", { ...ORDER, id: "o-2" })),
  unqualified: await errorOf(() => send("Invoke", { FunctionName: functionName, ...plain })),
  unknown_function: await errorOf(() => send("Invoke", { FunctionName: "none", Qualifier: "$LATEST", ...plain })),
  no_json: await errorOf(() => send("Invoke", { FunctionName: functionName, Qualifier: "$LATEST", Payload: "{" })),
  unknown: await errorOf(() => described(DurableExecutionArn)),
  unknown_history: await errorOf(() => send("GetDurableExecutionHistory", { DurableExecutionArn })),
  stale_checkpoint: await errorOf(() => send("CheckpointDurableExecution", { ...token, Updates: [] })),
  stale_state: await errorOf(() => send("GetDurableExecutionState", token)),
  unknown_stop: await errorOf(() => send("StopDurableExecution", { DurableExecutionArn })),
  late_callback: await errorOf(() => send("SendDurableExecutionCallbackSuccess", { CallbackId })),
  late_failure: await errorOf(() => send("SendDurableExecutionCallbackFailure", { CallbackId })),
  late_heartbeat: await errorOf(() => send("SendDurableExecutionCallbackHeartbeat", { CallbackId })),
  no_list: await errorOf(() => send("ListDurableExecutionsByFunction", { FunctionName: "none" })),
};
console.log(JSON.stringify(seen));
