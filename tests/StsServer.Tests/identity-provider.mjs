// An identity provider of npm's samlp with a login form, for the tests of the sign-in page. Its settings come as one line of JSON on standard input.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const samlp = createRequire(new URL("../TokenService.Conformance/Clients/package.json", import.meta.url))("samlp");
const settings = JSON.parse(await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve)));
const form = `<!DOCTYPE html><html lang="en"><title>Sign in</title><form method="post" action="/sign-in">
<label>Name <input name="name" required></label> <button>Sign in</button></form></html>`;

const respond = samlp.auth({
  issuer: settings.issuer,
  cert: settings.certificate,
  key: settings.key,
  audience: settings.audience,
  recipient: settings.recipient,
  destination: settings.recipient,
  lifetimeInSeconds: 240,
  getPostURL: (audience, request, http, callback) => callback(null, settings.recipient),
  profileMapper: (user) => ({
    getClaims: () => ({ ...settings.attributes, "https://aws.amazon.com/SAML/Attributes/RoleSessionName": user.name }),
    getNameIdentifier: () => ({ nameIdentifier: user.name, nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" }),
  }),
});

const server = createServer(async (request, response) => {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html").end(form);
    return;
  }

  let body = "";
  for await (const chunk of request) {
    body += chunk;
  }

  // What the middleware wants of its framework.
  const http = { method: "POST", query: {}, body: {}, user: { name: new URLSearchParams(body).get("name") } };
  const answer = { set: (name, value) => response.setHeader(name, value), send: (html) => response.end(html) };
  respond(http, answer, (error) => {
    throw error;
  });
});
server.listen(0, "127.0.0.1", () => console.log(`Identity provider on http://127.0.0.1:${server.address().port}`));
