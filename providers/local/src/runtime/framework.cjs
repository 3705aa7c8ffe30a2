// Stands in for @google-cloud/functions-framework where a function does not bring it: remembers what is registered.

const registered = (globalThis[Symbol.for("updraft.functions")] ??= new Map());

exports.http = (name, handler) => void registered.set(name, { handler, kind: "http" });
exports.cloudEvent = (name, handler) => void registered.set(name, { handler, kind: "cloudevent" });
