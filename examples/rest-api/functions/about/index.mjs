// Says what the API offers, with links that hold whatever stage and host it is reached by.

export const handler = async (event) => {
  const base = event.requestContext.path.replace(/\/$/, "");
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "notes", links: { notes: `${base}/notes` } }),
  };
};
