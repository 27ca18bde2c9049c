// Runs a Node.js handler: requests invocations from Lambda's Runtime API one at a time, calls the handler, and posts
// its result.
import { existsSync } from "node:fs";
import { request } from "node:http";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: `/2018-06-01/runtime/${path}`, agent: false };
    const sent = request(options, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode >= 300 && answer.statusCode !== 413) reject(new Error(text));
        else resolve({ headers: answer.headers, text });
      });
      answer.on("error", reject);
    });
    sent.on("error", reject);
    if (body === undefined) sent.end();
    else sent.setHeader("Content-Type", "application/json").end(body);
  });
}

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), stackTrace: [] };
  const stackTrace = (error.stack ?? "").split("\n").slice(1).map((frame) => frame.trim());
  return { errorType: error.name, errorMessage: error.message, stackTrace };
}

// Converts an error to its JSON form on Lambda.
function failure(type, message) {
  return Object.assign(new Error(message), { name: `Runtime.${type}` });
}

async function load(name) {
  const at = name.lastIndexOf(".");
  const path = join(process.env.LAMBDA_TASK_ROOT, name.slice(0, at));
  const file = [".mjs", ".js", ".cjs"].map((ending) => path + ending).find(existsSync);
  if (!isAbsolute(path) || file === undefined)
    throw failure("ImportModuleError", `there is no ${path}.mjs, .js or .cjs`);
  const module = await import(pathToFileURL(file)).catch((error) => {
    throw error instanceof SyntaxError ? failure("UserCodeSyntaxError", `${file}: ${error}`) : error;
  });
  const handler = module[name.slice(at + 1)] ?? module.default?.[name.slice(at + 1)];
  if (typeof handler !== "function")
    throw failure("HandlerNotFound", `${file} exports no function ${name.slice(at + 1)}`);
  if (handler.length > 2)
    throw failure("CallbackHandlerDeprecated", `${name} takes a callback; make it async and return its result`);
  return handler;
}

function context(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: false,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  await call("POST", "init/error", JSON.stringify(described(error)));
  process.exit(1);
}
for (;;) {
  const { headers, text } = await call("GET", "invocation/next");
  const invocation = `invocation/${headers["lambda-runtime-aws-request-id"]}`;
  const trace = headers["lambda-runtime-trace-id"];
  if (trace === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = trace;
  try {
    const result = await handler(JSON.parse(text), context(headers));
    await call("POST", `${invocation}/response`, JSON.stringify(result) ?? "null");
  } catch (error) {
    await call("POST", `${invocation}/error`, JSON.stringify(described(error)));
  }
}
