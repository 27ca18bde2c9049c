// Tests orders with the runner that AWS's testing package has for functions in its cloud, and prints what a test could
// assert as JSON.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.NODE_MODULES_FOLDER, "package.json"));
const { CloudDurableTestRunner, WaitingOperationStatus } = require("@aws/durable-execution-sdk-js-testing");
const { LambdaClient } = require("@aws-sdk/client-lambda");

const [endpoint, name] = process.argv.slice(2);
const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const client = new LambdaClient({ endpoint, region: "us-east-1", credentials });

// The result of an order whose callback is answered like this, and its runner.
async function order(answer) {
  const config = { pollInterval: 50, invocationType: "Event" };
  const runner = new CloudDurableTestRunner({ functionName: `${name}:$LATEST`, client, config });
  const running = runner.run({ payload: { id: "o-1", numbers: [1, 2], calls: ["hello:$LATEST"] } });
  const approve = runner.getOperation("approve");
  await approve.waitForData(WaitingOperationStatus.SUBMITTED);
  await answer(approve);
  return { runner, result: await running };
}

const approved = await order(async (approve) => {
  await approve.sendCallbackHeartbeat();
  await approve.sendCallbackSuccess("approved");
});
const refusal = { ErrorMessage: "refused", ErrorType: "Refusal" };
const refused = await order((approve) => approve.sendCallbackFailure(refusal));
const operation = (it) => approved.runner.getOperation(it);
const operations = approved.result.getOperations();
const charge = operation("charge").getStepDetails();
const seen = {
  status: [approved.result.getStatus(), refused.result.getStatus()],
  result: approved.result.getResult().approval,
  error: refused.result.getError().errorMessage,
  operations: operations.filter((it) => !it.getParentId()).map((it) => [it.getType(), it.getName(), it.getStatus()]),
  nested: operations.filter((it) => it.getParentId()).map((it) => it.getName() ?? null),
  charge: [charge.attempt, charge.error.errorMessage, charge.result.attempt],
  settle: operation("settle").getWaitDetails().waitSeconds,
  approve: operation("approve").getCallbackDetails().result,
  numbers: operation("numbers").getContextDetails().result.completionReason,
  invocations: approved.result.getInvocations().every((it) => it.requestId && !it.error),
};
console.log(JSON.stringify(seen));
