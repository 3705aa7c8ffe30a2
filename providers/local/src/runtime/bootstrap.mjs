// Runs a Node handler: takes events from the Lambda Runtime API and posts what the handler returns.
//
// Started by the embedded cloud in place of Lambda's own bootstrap. Speaks only the documented API
// (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) and uses only Node's standard library.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import util from "node:util";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const root = process.env.LAMBDA_TASK_ROOT;
const base = "/2018-06-01/runtime";
const jsonLogs = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const lowest = Math.max(0, levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "TRACE"));
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let current;

/** Writes one log event. Line ends inside it travel as carriage returns. */
function emit(text) {
  process.stdout.write(text.replace(/\n/g, "\r") + "\n");
}

/** Tells the reader of both streams that nothing more of this invocation follows. */
function endOf(id) {
  process.stdout.write(`\x1eend ${id}\n`);
  process.stderr.write(`\x1eend ${id}\n`);
}

function log(level, ...parts) {
  if (levels.indexOf(level) < lowest) return;
  const timestamp = new Date().toISOString();
  if (jsonLogs) {
    const line = { timestamp, level, requestId: current };
    line.message = parts.length === 1 && typeof parts[0] === "object" ? parts[0] : util.format(...parts);
    const error = parts.find((part) => part instanceof Error);
    if (error) Object.assign(line, { message: util.format(...parts), ...shapeOf(error, "stackTrace") });
    try {
      emit(JSON.stringify(line));
    } catch {
      emit(JSON.stringify({ ...line, message: util.format(...parts) }));
    }
  } else {
    emit(`${timestamp}\t${current}\t${level}\t${util.format(...parts)}`);
  }
}

const shades = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };
for (const [method, level] of Object.entries(shades)) console[method] = (...parts) => log(level, ...parts);

/** An error as Lambda reports it; `lines` names the member that holds the stack. */
function shapeOf(error, lines = "trace") {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: util.format(error), [lines]: [] };
  }
  return { errorType: error.name, errorMessage: error.message, [lines]: (error.stack ?? "").split("\n") };
}

function call(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
    const request = http.request({ host, port, method, path: base + where, headers, agent }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function postError(where, error) {
  const shape = shapeOf(error);
  return call("POST", where, JSON.stringify(shape), { "Lambda-Runtime-Function-Error-Type": shape.errorType });
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Finds the module's file the way the managed runtime does: as named, then .js, .mjs, .cjs. */
function fileOf(stem) {
  return ["", ".js", ".mjs", ".cjs"].map((end) => stem + end).find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Whether the nearest package.json makes .js files of this folder ES modules. */
function isModuleFolder(folder) {
  for (let at = folder; at.startsWith(root); at = path.dirname(at)) {
    const file = path.join(at, "package.json");
    if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, "utf8")).type === "module";
    if (at === root) break;
  }
  return false;
}

async function importFrom(file) {
  const esm = file.endsWith(".mjs") || (file.endsWith(".js") && isModuleFolder(path.dirname(file)));
  return esm ? import(pathToFileURL(file).href) : createRequire(file)(file);
}

async function load(name) {
  const folder = path.dirname(name);
  const [stem, ...members] = path.basename(name).split(".");
  if (members.length === 0 || name.includes("..")) {
    throw named("Runtime.MalformedHandlerName", `'${name}' is not a valid handler name. It must be like "index.handler".`);
  }
  const file = fileOf(path.resolve(root, folder, stem));
  if (!file) {
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${path.join(folder, stem)}'`);
  }
  let module;
  try {
    module = await importFrom(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw Object.assign(error, { name: "Runtime.UserCodeSyntaxError", message: `SyntaxError: ${error.message}` });
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) throw named("Runtime.ImportModuleError", `Error: ${error.message}`);
    throw error;
  }
  const find = (from) => members.reduce((value, member) => value?.[member], from);
  const handler = find(module) ?? find(module.default);
  if (handler === undefined) throw named("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw named("Runtime.HandlerNotFound", `${name} is not a function`);
  const version = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);
  if (version >= 24 && handler.length >= 3) {
    throw named("Runtime.CallbackHandlerDeprecated", "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.");
  }
  return handler;
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const client = headers["lambda-runtime-client-context"];
  const identity = headers["lambda-runtime-cognito-identity"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    clientContext: client ? JSON.parse(client) : undefined,
    identity: identity ? JSON.parse(identity) : undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** Resolves once nothing else is left to do, as callbackWaitsForEmptyEventLoop asks. */
function idle() {
  return new Promise((resolve) => process.once("beforeExit", resolve));
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const drained = () => resolve(undefined);
    const settle = async (action, value) => {
      process.off("beforeExit", drained);
      if (context.callbackWaitsForEmptyEventLoop) await idle();
      action(value);
    };
    const callback = (error, value) => (error ? settle(reject, error) : settle(resolve, value));
    // A handler that neither calls back nor leaves anything to wait for answers null.
    process.once("beforeExit", drained);
    const result = handler(event, context, callback);
    if (typeof result?.then === "function") {
      const done = (action) => (value) => (process.off("beforeExit", drained), action(value));
      result.then(done(resolve), done(reject));
    }
  });
}

async function fail(error, kind, code) {
  const wrapped = named(kind, util.format(error instanceof Error ? `${error.name}: ${error.message}` : error));
  wrapped.stack = error?.stack ?? wrapped.stack;
  console.error("Unhandled", wrapped.stack);
  endOf(current ?? "init");
  await postError(current ? `/invocation/${current}/error` : "/init/error", wrapped).catch(() => {});
  process.exit(code);
}

process.on("uncaughtException", (error) => fail(error, error?.name ?? "Error", 129));
process.on("unhandledRejection", (error) => fail(error, "Runtime.UnhandledPromiseRejection", 128));

globalThis.awslambda = {
  streamifyResponse() {
    throw new Error("the embedded cloud does not model response streaming");
  },
};

async function serve(handler) {
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    const id = (current = headers["lambda-runtime-aws-request-id"]);
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    try {
      const value = await run(handler, JSON.parse(body), contextOf(headers));
      const answer = JSON.stringify(value === undefined ? null : value) ?? "null";
      endOf(id);
      await call("POST", `/invocation/${id}/response`, answer);
    } catch (error) {
      log("ERROR", "Invoke Error", JSON.stringify(shapeOf(error, "stack")));
      endOf(id);
      await postError(`/invocation/${id}/error`, error);
    }
  }
}

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  log("ERROR", "Uncaught Exception", JSON.stringify(shapeOf(error, "stack")));
  endOf("init");
  await postError("/init/error", error).catch(() => {});
  process.exit(1);
}
// A failing call to the Runtime API means that the embedded cloud is gone; so is the reason to run.
serve(handler).catch(() => process.exit(0));
