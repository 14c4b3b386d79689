// Calls the token service for the tests: one JSON object a line in, one out.
// The client is what the package gives; nothing of it is set but its endpoint, region and credentials.
import { createInterface } from "node:readline";
import { Sha256 } from "@aws-crypto/sha256-js";
import * as sts from "@aws-sdk/client-sts";
import { fromTokenFile, fromWebToken } from "@aws-sdk/credential-providers";
import * as jose from "jose";
import { SignatureV4 } from "@smithy/signature-v4";

const endpoint = process.argv[2];
const region = "us-east-1";

async function call({ operation, credentials, parameters }) {
  const client = new sts.STSClient({ endpoint, region, credentials });
  try {
    const { $metadata, ...result } = await client.send(new sts[`${operation}Command`](parameters));
    return { result, status: $metadata.httpStatusCode, requestId: $metadata.requestId };
  } catch (error) {
    return { error: error.name, message: error.message, status: error.$metadata?.httpStatusCode, requestId: error.$metadata?.requestId };
  } finally {
    client.destroy();
  }
}

function signer(service, credentials) {
  return new SignatureV4({ service, region, credentials, sha256: Sha256 });
}

// A presigned GetCallerIdentity, fetched by something that knows nothing of AWS.
async function presign({ credentials }) {
  const { protocol, hostname, port } = new URL(endpoint);
  const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const request = { method: "GET", protocol, hostname, port: Number(port), path: "/", query, headers: { host: `${hostname}:${port}` } };
  const presigned = await signer("sts", credentials).presign(request, { expiresIn: 60 });
  const answer = await fetch(`${endpoint}/?${new URLSearchParams(presigned.query)}`);
  return { result: { text: await answer.text() }, status: answer.status };
}

// A resource of the host's own that only signed requests reach.
async function resource({ credentials, parameters }) {
  const { protocol, hostname, port } = new URL(endpoint);
  const request = { method: "GET", protocol, hostname, port: Number(port), path: parameters.path, query: {}, headers: { host: `${hostname}:${port}` } };
  const { headers } = await signer(parameters.service, credentials).sign(request);
  const { host, ...rest } = headers;
  const answer = await fetch(endpoint + parameters.path, { headers: rest });
  return { result: { text: await answer.text() }, status: answer.status };
}

// What a relying party elsewhere does with a web identity token: it knows the issuer that it trusts and the audience that it is, no more.
async function verify({ parameters: { issuer, audience, token } }) {
  try {
    const configuration = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const keys = jose.createRemoteJWKSet(new URL(configuration.jwks_uri));
    const algorithms = configuration.id_token_signing_alg_values_supported;
    const { payload, protectedHeader } = await jose.jwtVerify(token, keys, { issuer: configuration.issuer, audience, algorithms });
    return { result: { payload, protectedHeader }, status: 200 };
  } catch (error) {
    return { error: error.code ?? error.name, message: error.message };
  }
}

// Credentials that the SDK gets by itself for a token, from a file or as it is.
async function credentialsOf(provider) {
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await provider();
    return { result: { Credentials: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } } };
  } catch (error) {
    return { error: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
  }
}

const clientConfig = { endpoint, region };
const others = {
  Presign: presign,
  Resource: resource,
  Verify: verify,
  FromTokenFile: ({ parameters }) => credentialsOf(fromTokenFile({ ...parameters, clientConfig })),
  FromWebToken: ({ parameters }) => credentialsOf(fromWebToken({ ...parameters, clientConfig })),
};
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await (others[request.operation] ?? call)(request)));
}
