// A response of npm's samlp: what it shall say on standard input, in JSON, and the response in base64 on standard output.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { getSamlResponse } = createRequire(new URL("../Clients/package.json", import.meta.url))("samlp");
const { subject, attributes, ...options } = JSON.parse(await text(process.stdin));

const profileMapper = () => ({
  getClaims: () => attributes,
  getNameIdentifier: () => ({ nameIdentifier: subject, nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" }),
});
// AES in CBC mode, which older providers still encrypt with, is made only where it is asked for like this.
const algorithms = { signatureAlgorithm: "rsa-sha256", digestAlgorithm: "sha256", disallowEncryptionWithInsecureAlgorithm: false, warnOnInsecureEncryptionAlgorithm: false };
getSamlResponse({ ...algorithms, lifetimeInSeconds: 240, ...options, profileMapper }, {}, (error, response) => {
  if (error) {
    throw error;
  }

  console.log(Buffer.from(response).toString("base64"));
});
