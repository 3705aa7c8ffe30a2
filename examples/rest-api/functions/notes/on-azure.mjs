// Answers requests of Azure Functions. Every trigger of the function calls it, the one of the address alone too.

import { answer } from "./notes.mjs";

export const handler = async (context, event) => {
  const id = event.params?.id;
  const path = new URL(event.url).pathname;
  const base = path.replace(/\/+$/, "");
  const [status, value] =
    id === undefined && !base.endsWith("/notes")
      ? [200, { name: "notes", links: { notes: `${base}/notes` } }]
      : answer(event.method, id === undefined ? "/notes" : "/notes/{id}", id, event.rawBody);
  context.res = { status, headers: { "content-type": "application/json" } };
  if (value !== undefined) {
    context.res.body = JSON.stringify(value);
  }
};
