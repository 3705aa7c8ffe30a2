// Greets whoever the path names.

export const handler = async (event) => {
  const name = event.pathParameters?.name ?? "world";
  const greeting = process.env.GREETING ?? "Hello";
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: `${greeting}, ${name}!` }),
  };
};
