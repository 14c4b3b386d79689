// Credentials for a token, and requests that they sign.
import { Sha256 } from '@aws-crypto/sha256-browser';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';

const region = 'us-east-1';

export async function assumeRole(settings, identity) {
  const client = new STSClient({ region, endpoint: settings.tokenService, credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  const answer = await client.send(new AssumeRoleWithWebIdentityCommand({
    RoleArn: settings.roleArn,
    RoleSessionName: identity.name,
    WebIdentityToken: identity.token,
  }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials;
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

export async function signedFetch(settings, credentials, path) {
  const signer = new SignatureV4({ credentials, region, service: settings.service, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: location.protocol,
    hostname: location.hostname,
    path,
    query: {},
    headers: { host: location.host },
  });
  delete headers.host;
  return fetch(path, { headers });
}
