// A small REST API of notes. They live in the memory of one instance of the function, and go with it.

const notes = new Map();
const limit = Number(process.env.MAX_NOTES ?? "100");

const routes = {
  "GET /notes": () => reply(200, { notes: [...notes.values()] }),

  "POST /notes": ({ body }) => {
    const text = body?.text;
    if (typeof text !== "string" || text.trim() === "") {
      return problem(400, 'send a JSON object with a "text"');
    }
    if (notes.size >= limit) {
      return problem(409, `there are ${limit} notes already; delete one first`);
    }
    const note = { id: crypto.randomUUID(), text: text.trim(), created: new Date().toISOString() };
    notes.set(note.id, note);
    return reply(201, note);
  },

  "GET /notes/{id}": ({ id }) => (notes.has(id) ? reply(200, notes.get(id)) : unknown(id)),

  "DELETE /notes/{id}": ({ id }) => (notes.delete(id) ? { statusCode: 204, body: "" } : unknown(id)),
};

export const handler = async (event) => {
  const route = routes[`${event.httpMethod} ${event.resource}`];
  if (!route) {
    return problem(404, `there is no ${event.httpMethod} ${event.path}`);
  }
  let body;
  try {
    body = parse(event);
  } catch {
    return problem(400, "the body is not JSON");
  }
  return route({ id: event.pathParameters?.id, body });
};

function parse(event) {
  if (!event.body) {
    return undefined;
  }
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString("utf8") : event.body;
  return JSON.parse(text);
}

function reply(statusCode, value) {
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

function problem(statusCode, message) {
  return reply(statusCode, { message });
}

function unknown(id) {
  return problem(404, `there is no note ${id}`);
}
