// Answers requests that API Gateway hands to Lambda.

import { answer } from "./notes.mjs";

export const handler = async (event) => {
  const [status, value] = answer(event.httpMethod, event.resource, event.pathParameters?.id, text(event));
  if (value === undefined) {
    return { statusCode: status, body: "" };
  }
  return {
    statusCode: status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
};

function text({ body, isBase64Encoded }) {
  return body && isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
}
