// Uploads to a service of S3's kind for the tests: one command a process, what became of it as JSON.
// The clients are what the packages give; nothing of them is set but endpoint, region, credentials and the way of addressing.
import { Readable } from "node:stream";
import { Sha256 } from "@aws-crypto/sha256-js";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { SignatureV4a } from "@aws-sdk/signature-v4a";

const [, , endpoint, operation, key, accessKeyId, secretAccessKey, sessionToken] = process.argv;
const region = "us-east-1";
const credentials = { accessKeyId, secretAccessKey, sessionToken };
const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
const Bucket = "photos";
const data = Buffer.alloc(200_000, "streamed ");

const operations = {
  buffer: () => client.send(new PutObjectCommand({ Bucket, Key: key, Body: data })),
  stream: () => client.send(new PutObjectCommand({
    Bucket, Key: key, ContentLength: data.length, ChecksumAlgorithm: "CRC32C",
    Body: Readable.from((function* () { for (let at = 0; at < data.length; at += 65_536) yield data.subarray(at, at + 65_536); })(), { objectMode: false }),
  })),
  async presign() {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: key }), { expiresIn: 604_800 });
    await succeed(await fetch(url, { method: "PUT", body: data }));
    const read = await succeed(await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: 60 })));
    if (!Buffer.from(await read.arrayBuffer()).equals(data)) throw new Error("other bytes came back");
  },
  async post() {
    const { url, fields } = await createPresignedPost(client, {
      Bucket, Key: key + "${filename}", Conditions: [["starts-with", "$key", key], ["content-length-range", 1, 1_000_000]], Expires: 600,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([data]), "upload.txt");
    await succeed(await fetch(url, { method: "POST", body: form }));
  },
  async v4a() {
    const { protocol, hostname, port } = new URL(endpoint);
    const signer = new SignatureV4a({ service: "s3", region, credentials, sha256: Sha256, uriEscapePath: false });
    const request = { method: "PUT", protocol, hostname, port: Number(port), path: `/${Bucket}/${key}`, query: {}, body: data, headers: { host: `${hostname}:${port}` } };
    const { headers } = await signer.sign(request, { signingRegion: "*" });
    const { host, ...rest } = headers;
    await succeed(await fetch(`${endpoint}/${Bucket}/${key}`, { method: "PUT", body: data, headers: rest }));
  },
};

async function succeed(answer) {
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer;
}

try {
  await operations[operation]();
  console.log(JSON.stringify({ result: "done" }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message }));
}
