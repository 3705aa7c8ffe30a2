// Runs the Node functions of an Azure function app: fetches invocations from the embedded cloud and posts what came.
//
// Started by the embedded cloud in place of Azure's worker. It speaks version 3 of the programming model: function.json
// names a script, the function gets a context and its inputs
// (learn.microsoft.com/azure/azure-functions/functions-reference-node?pivots=nodejs-model-v3).

import http from "node:http";
import path from "node:path";
import util from "node:util";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import fs from "node:fs";

const [host, port] = process.env.UPDRAFT_RUNTIME_API.split(":");
delete process.env.UPDRAFT_RUNTIME_API;
const base = "/2018-06-01/runtime";
const root = process.cwd();
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const loaded = new Map();
let crash = undefined;

/** Tells the reader of both streams that nothing more of this invocation follows. */
function endOf(id) {
  process.stdout.write(`\x1eend ${id}\n`);
  process.stderr.write(`\x1eend ${id}\n`);
}

/** Writes an error as one log entry; line ends inside it travel as carriage returns. */
function logError(error) {
  const text = error instanceof Error ? error.stack ?? String(error) : util.format(error);
  process.stderr.write(`Result: Failure\nException: ${text}`.replace(/\n/g, "\r") + "\n");
}

function call(method, where, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
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

function isModule(file) {
  if (file.endsWith(".mjs")) return true;
  if (!file.endsWith(".js")) return false;
  for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, "utf8")).type === "module";
  }
  return false;
}

/** Finds the function in what a script exports, in the order the worker does. */
function pick(exported, { name, entryPoint }) {
  const candidates = [exported, exported?.default].filter((one) => one !== undefined);
  for (const one of candidates) {
    if (entryPoint) {
      if (typeof one?.[entryPoint] === "function") return one[entryPoint].bind(one);
    } else if (typeof one === "function") {
      return one;
    } else {
      const members = Object.values(one ?? {});
      const found = members.length === 1 ? members[0] : one?.run ?? one?.index;
      if (typeof found === "function") return found.bind(one);
    }
  }
  throw new Error(entryPoint
    ? `Unable to determine function entry point: ${entryPoint}. If multiple functions are exported, you must indicate the entry point, either by naming it 'run' or 'index', or by naming it explicitly via the 'entryPoint' metadata property.`
    : `Worker was unable to load function ${name}: 'Unable to determine function entry point.'`);
}

async function load(definition) {
  const known = loaded.get(definition.name);
  if (known) return known;
  const folder = path.join(root, definition.name);
  const script = definition.scriptFile ?? ["index.js", "index.mjs", "index.cjs"].find((one) => fs.existsSync(path.join(folder, one))) ?? "index.js";
  const file = path.resolve(folder, script);
  const exported = isModule(file) ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  const found = pick(exported, definition);
  loaded.set(definition.name, found);
  return found;
}

function parsed(bytes) {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function requestOf({ method, url, headers, query, params, body }) {
  const rawBody = Buffer.from(body, "base64");
  const kind = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  const binary = kind === "application/octet-stream" || kind.startsWith("multipart/");
  const content = rawBody.length === 0 ? undefined : binary ? rawBody : kind.endsWith("json") ? parsed(rawBody) : rawBody.toString();
  return { method, url, originalUrl: url, headers, query, params, body: content, rawBody: rawBody.toString(), bufferBody: rawBody, get: (name) => headers[name.toLowerCase()], user: null };
}

/** What the trigger's binding holds, and what its metadata does. */
function inputOf(kind, sent) {
  const message = ({ body, ...metadata }) => ({ value: parsed(Buffer.from(body, "base64")), metadata });
  switch (kind) {
    case "httptrigger": return { value: requestOf(sent), metadata: { ...sent.query, ...sent.params } };
    case "queuetrigger": {
      const one = message(sent);
      return { value: one.value, metadata: { ...one.metadata, queueTrigger: one.value } };
    }
    case "servicebustrigger": {
      if (!Array.isArray(sent)) return message(sent);
      const many = sent.map(message);
      return { value: many.map((one) => one.value), metadata: { messageIdArray: many.map((one) => one.metadata.MessageId), deliveryCountArray: many.map((one) => one.metadata.DeliveryCount) } };
    }
    case "timertrigger": return { value: { isPastDue: sent.IsPastDue, scheduleStatus: camel(sent.ScheduleStatus), schedule: { adjustForDST: true } }, metadata: {} };
    default: return { value: sent, metadata: { data: sent.data } };
  }
}

function camel(value) {
  return value && Object.fromEntries(Object.entries(value).map(([name, one]) => [name[0].toLowerCase() + name.slice(1), one]));
}

/** The response of version 3, which may be filled by its methods too. */
function responseOf(done) {
  const response = {
    headers: {}, cookies: [],
    status(code) { this.statusCode = code; return this; },
    setHeader(name, value) { this.headers[name] = value; return this; },
    getHeader(name) { return this.headers[name]; },
    removeHeader(name) { delete this.headers[name]; return this; },
    type(kind) { return this.setHeader("content-type", kind); },
    end(body) { if (body !== undefined) this.body = body; done(); return this; },
    sendStatus(code) { this.status(code); return this.end(); },
    json(body) { this.type("application/json"); return this.end(body); },
  };
  return Object.assign(response, { set: response.setHeader, header: response.setHeader, get: response.getHeader, send: response.end });
}

function httpAnswer(value) {
  if (value === undefined || value === null) return { status: 204, headers: [], body: "" };
  if (typeof value !== "object" || Buffer.isBuffer(value)) value = { body: value };
  const status = typeof value.status === "number" || typeof value.status === "string" ? Number(value.status) : Number(value.statusCode ?? 200);
  const headers = Object.entries(value.headers ?? {}).map(([name, one]) => [name.toLowerCase(), String(one)]);
  const { body } = value;
  const [kind, content] = body === undefined || body === null ? [undefined, Buffer.alloc(0)]
    : Buffer.isBuffer(body) || body instanceof Uint8Array ? ["application/octet-stream", Buffer.from(body)]
    : typeof body === "object" ? ["application/json; charset=utf-8", Buffer.from(JSON.stringify(body))]
    : ["text/plain; charset=utf-8", Buffer.from(String(body))];
  if (kind && !headers.some(([name]) => name === "content-type")) headers.push(["content-type", kind]);
  return { status, headers, body: content.toString("base64") };
}

function isTrigger({ type }) {
  return type.toLowerCase().endsWith("trigger");
}

async function run({ id, function: definition, trigger, retry }) {
  const handler = await load(definition);
  const at = definition.bindings.find(isTrigger);
  const { value, metadata } = inputOf(at.type.toLowerCase(), trigger);
  const log = (...parts) => console.log(...parts);
  Object.assign(log, { error: console.error, warn: console.warn, info: console.info, verbose: console.debug });
  let settle;
  const done = new Promise((resolve, reject) => { settle = { resolve, reject }; });
  const context = {
    invocationId: id, log, bindings: { [at.name]: value },
    bindingData: { invocationId: id, ...metadata, sys: { methodName: definition.name, utcNow: new Date().toISOString() } },
    bindingDefinitions: definition.bindings.map(({ name, type, direction }) => ({ name, type, direction: direction ?? "in" })),
    executionContext: {
      invocationId: id, functionName: definition.name, functionDirectory: path.join(root, definition.name),
      retryContext: retry ? { retryCount: retry.count, maxRetryCount: retry.max } : null,
    },
    traceContext: { traceparent: "", tracestate: "", attributes: {} },
    done: (error, result) => (error ? settle.reject(error) : settle.resolve(result)),
  };
  if (at.type.toLowerCase() === "httptrigger") {
    context.req = value;
    context.res = responseOf(() => settle.resolve(undefined));
  }
  const untouched = JSON.stringify(context.res);
  crash = settle.reject;
  const returned = handler(context, value);
  const result = await (typeof returned?.then === "function" ? returned : done);
  const out = definition.bindings.find(({ type, direction }) => type.toLowerCase() === "http" && direction?.toLowerCase() === "out");
  if (!out) return {};
  if (out.name === "$return") return { http: httpAnswer(result) };
  const given = result?.[out.name] ?? context.bindings[out.name] ?? (JSON.stringify(context.res) === untouched ? undefined : context.res);
  return { http: httpAnswer(given) };
}

async function serve() {
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    const id = headers["lambda-runtime-aws-request-id"];
    let said, where;
    try {
      [said, where] = [await run(JSON.parse(body)), "response"];
    } catch (error) {
      logError(error);
      [said, where] = [{ errorType: error?.name ?? "Error", errorMessage: error?.message ?? String(error) }, "error"];
    }
    endOf(id);
    await call("POST", `/invocation/${id}/${where}`, JSON.stringify(said));
  }
}

process.on("uncaughtException", (error) => {
  logError(error);
  endOf("crash");
  process.exit(1);
});
process.on("unhandledRejection", (error) => crash?.(error));

// A failing call to the embedded cloud means that it is gone; so is the reason to run.
serve().catch(() => process.exit(0));
