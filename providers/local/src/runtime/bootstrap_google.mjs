// Runs a Node function of Cloud Run functions: fetches HTTP requests from the embedded cloud and posts the answers.
//
// Started by the embedded cloud in place of Google's image. It speaks the contract of the Functions Framework
// (github.com/GoogleCloudPlatform/functions-framework) with a request and response in the words of Express.
// A function that brings the framework itself is served by that.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import util from "node:util";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.UPDRAFT_RUNTIME_API.split(":");
delete process.env.UPDRAFT_RUNTIME_API;
const base = "/2018-06-01/runtime";
const root = process.cwd();
const target = process.env.FUNCTION_TARGET;
const framework = "@google-cloud/functions-framework";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
/** Functions by name, filled by the stand-in of the framework's package. */
const registered = (globalThis[Symbol.for("updraft.functions")] = new Map());
let current = "init";

/** Tells the reader of both streams that nothing more of this request follows. */
function endOf(id) {
  process.stdout.write(`\x1eend ${id}\n`);
  process.stderr.write(`\x1eend ${id}\n`);
}

/** Writes an error as one log entry; line ends inside it travel as carriage returns. */
function logError(error) {
  const text = error instanceof Error ? error.stack ?? String(error) : util.format(error);
  process.stderr.write(text.replace(/\n/g, "\r") + "\n");
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

/** The module's file: what package.json names, else index or function. */
function entry() {
  const manifest = path.join(root, "package.json");
  const main = fs.existsSync(manifest) ? JSON.parse(fs.readFileSync(manifest, "utf8")).main : undefined;
  const names = [main, main && `${main}.js`, main && `${main}/index.js`, "index.js", "function.js", "index.mjs", "function.mjs", "index.cjs"];
  const file = names.filter(Boolean).map((name) => path.join(root, name)).find((name) => fs.statSync(name, { throwIfNoEntry: false })?.isFile());
  if (!file) throw new Error("Provided module can't be loaded. Is there a syntax error in your code? No index.js or function.js was found.");
  return file;
}

function isModule(file) {
  if (file.endsWith(".mjs")) return true;
  const manifest = path.join(root, "package.json");
  return file.endsWith(".js") && fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, "utf8")).type === "module";
}

/** The package's own framework, if it brings one. */
function ownFramework(file) {
  try {
    const require = createRequire(file);
    return require.resolve(framework).startsWith(root + path.sep) ? require(`${framework}/testing`) : undefined;
  } catch {
    return undefined;
  }
}

async function load() {
  const file = entry();
  const module = isModule(file) ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  const own = ownFramework(file);
  if (own) return { server: own.getTestServer(target) };
  const known = registered.get(target);
  if (known) return known;
  const find = (from) => target.split(".").reduce((value, member) => value?.[member], from);
  const handler = find(module) ?? find(module.default);
  if (handler === undefined) throw new Error(`Function '${target}' is not defined in the provided module.\nDid you specify the correct target function to execute?`);
  if (typeof handler !== "function") throw new Error(`'${target}' needs to be of type function. Got: ${typeof handler}`);
  return { handler, kind: process.env.FUNCTION_SIGNATURE_TYPE };
}

/** A request in the words of Express. */
function requestOf({ method, path: where, query, headers: pairs, body }) {
  const headers = {};
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  const rawBody = Buffer.from(body, "base64");
  const kind = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  const get = (name) => headers[name.toLowerCase()];
  const url = query ? `${where}?${query}` : where;
  return {
    method, headers, url, originalUrl: url, baseUrl: "", path: where, params: {}, rawBody, get, header: get,
    rawHeaders: pairs.flat(), httpVersion: "1.1", protocol: "https", secure: true, hostname: get("host")?.split(":")[0],
    ip: get("x-forwarded-for")?.split(",")[0], query: valuesOf(query), body: bodyOf(kind, rawBody),
    is: (type) => (kind === type || kind.endsWith(`/${type}`) ? type : false),
    on(event, listener) {
      if (event === "data" && rawBody.length > 0) process.nextTick(listener, rawBody);
      if (event === "end") process.nextTick(listener);
      return this;
    },
  };
}

function valuesOf(text) {
  const values = {};
  for (const [name, value] of new URLSearchParams(text)) {
    values[name] = name in values ? [values[name], value].flat() : value;
  }
  return values;
}

class BadRequest extends Error {}

function bodyOf(kind, raw) {
  if (kind === "application/json" || kind.endsWith("+json")) {
    try {
      return raw.length > 0 ? JSON.parse(raw.toString()) : {};
    } catch (error) {
      throw new BadRequest(error.message);
    }
  }
  if (kind === "application/x-www-form-urlencoded") return valuesOf(raw.toString());
  if (kind.startsWith("text/")) return raw.toString();
  return raw.length > 0 ? raw : {};
}

/** A response in the words of Express; `done` gets status, headers and body once. */
function responseOf(done) {
  const headers = new Map();
  const parts = [];
  const listeners = [];
  const put = (name, value) => headers.set(name.toLowerCase(), [name, value]);
  const response = {
    statusCode: 200, headersSent: false, writableEnded: false, locals: {},
    status(code) { this.statusCode = code; return this; },
    set(name, value) {
      if (typeof name === "object") Object.entries(name).forEach(([key, one]) => put(key, one));
      else put(name, value);
      return this;
    },
    get: (name) => headers.get(name.toLowerCase())?.[1],
    append(name, value) { return this.set(name, [this.get(name) ?? [], value].flat()); },
    removeHeader(name) { headers.delete(name.toLowerCase()); },
    type(kind) { return this.set("Content-Type", kinds[kind] ?? kind); },
    writeHead(code, extra = {}) { this.statusCode = code; return this.set(extra); },
    write(part) { parts.push(Buffer.from(part)); return true; },
    end(part) {
      if (this.writableEnded) return this;
      if (part !== undefined && typeof part !== "function") this.write(part);
      this.writableEnded = this.headersSent = true;
      const pairs = [...headers.values()].flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
      done({ status: this.statusCode, headers: pairs, body: Buffer.concat(parts) });
      listeners.forEach((listener) => listener());
      return this;
    },
    send(body) {
      if (typeof body === "string") return this.withType("text/html; charset=utf-8").end(body);
      if (Buffer.isBuffer(body)) return this.withType("application/octet-stream").end(body);
      if (body === undefined || body === null) return this.end();
      return this.json(body);
    },
    json(value) { return this.withType("application/json; charset=utf-8").end(JSON.stringify(value)); },
    sendStatus(code) { return this.status(code).withType("text/plain; charset=utf-8").end(http.STATUS_CODES[code] ?? String(code)); },
    redirect(first, second) {
      const [code, where] = second === undefined ? [302, first] : [first, second];
      return this.status(code).set("Location", where).end();
    },
    withType(kind) { return headers.has("content-type") ? this : this.set("Content-Type", kind); },
    on(event, listener) { if (event === "finish" || event === "close") listeners.push(listener); return this; },
  };
  return Object.assign(response, { header: response.set, setHeader: response.set, getHeader: response.get, contentType: response.type, once: response.on });
}

const kinds = { json: "application/json", html: "text/html; charset=utf-8", text: "text/plain; charset=utf-8" };

/** Reads a CloudEvent in binary or structured mode; undefined if it is none. */
function eventOf({ headers, body }) {
  if (headers["content-type"]?.startsWith("application/cloudevents+json")) return body;
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith("ce-")).map(([name, value]) => [name.slice(3), value]);
  const event = Object.fromEntries(attributes);
  if (!event.id || !event.source || !event.type || !event.specversion) return undefined;
  if (headers["content-type"]) event.datacontenttype = headers["content-type"];
  return { ...event, data: body };
}

async function runEvent(handler, request, response) {
  const event = eventOf(request);
  if (event === undefined) return response.status(400).send("the request is not a CloudEvent");
  const value = await (handler.length >= 2 ? util.promisify(handler)(event) : handler(event));
  return value === undefined || value === null ? response.sendStatus(204) : response.send(value);
}

let crash = () => {};

function answer(loaded, sent) {
  return new Promise((resolve) => {
    const response = responseOf(resolve);
    crash = (error) => {
      logError(error);
      if (!response.headersSent) response.status(500).set("X-Google-Status", "crash").send("Internal Server Error");
    };
    try {
      const request = requestOf(sent);
      const running = loaded.kind === "cloudevent" ? runEvent(loaded.handler, request, response) : loaded.handler(request, response);
      Promise.resolve(running).catch(crash);
    } catch (error) {
      if (error instanceof BadRequest) response.status(400).send(error.message);
      else crash(error);
    }
  });
}

/** Passes a request on to the framework the package brings. */
function pass(port, { method, path: where, query, headers: pairs, body }) {
  return new Promise((resolve, reject) => {
    const content = Buffer.from(body, "base64");
    const headers = { ...Object.fromEntries(pairs), "content-length": content.length };
    const request = http.request({ host: "127.0.0.1", port, method, path: query ? `${where}?${query}` : where, headers }, (said) => {
      const parts = [];
      said.on("data", (part) => parts.push(part));
      said.on("end", () => resolve({ status: said.statusCode, headers: Object.entries(said.headers), body: Buffer.concat(parts) }));
    });
    request.on("error", reject);
    request.end(content);
  });
}

async function serve(loaded) {
  if (loaded.server) await new Promise((listening) => loaded.server.listen(0, "127.0.0.1", listening));
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    const id = (current = headers["lambda-runtime-aws-request-id"]);
    const sent = JSON.parse(body);
    const said = loaded.server ? await pass(loaded.server.address().port, sent) : await answer(loaded, sent);
    endOf(id);
    await call("POST", `/invocation/${id}/response`, JSON.stringify({ ...said, body: said.body.toString("base64") }));
  }
}

process.on("uncaughtException", (error) => {
  logError(error);
  endOf(current);
  process.exit(1);
});
process.on("unhandledRejection", (error) => crash(error));

let loaded;
try {
  loaded = await load();
} catch (error) {
  logError(error);
  endOf("init");
  await call("POST", "/init/error", JSON.stringify({ errorType: error?.name, errorMessage: error?.message })).catch(() => {});
  process.exit(1);
}
// A failing call to the embedded cloud means that it is gone; so is the reason to run.
serve(loaded).catch(() => process.exit(0));
