// A small REST API of notes. They live in the memory of one instance of the function, and go with it.

const notes = new Map();
const limit = Number(process.env.MAX_NOTES ?? "100");

const routes = {
  "GET /notes": () => [200, { notes: [...notes.values()] }],

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
    return [201, note];
  },

  "GET /notes/{id}": ({ id }) => (notes.has(id) ? [200, notes.get(id)] : unknown(id)),

  "DELETE /notes/{id}": ({ id }) => (notes.delete(id) ? [204] : unknown(id)),
};

// Answers a request with a status and, where there is anything to say, a value.
export function answer(method, route, id, text) {
  const found = routes[`${method} ${route}`];
  if (!found) {
    return problem(404, `there is no ${method} ${route}`);
  }
  try {
    return found({ id, body: text ? JSON.parse(text) : undefined });
  } catch (error) {
    if (error instanceof SyntaxError) {
      return problem(400, "the body is not JSON");
    }
    throw error;
  }
}

function problem(status, message) {
  return [status, { message }];
}

function unknown(id) {
  return problem(404, `there is no note ${id}`);
}
