// An OpenID provider for the sample: npm's oidc-provider, and a form that believes everybody who says a name. No password, no use beyond the sample.
//   node identity-provider.mjs ISSUER REDIRECT_URI [SECONDS]     SECONDS: how long its ID tokens are good
// A line "rotate" on its input makes a new key, which signs from then on; the older ones stay published.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const [issuer, redirectUri, seconds = '3600'] = process.argv.slice(2);
const client = {
  client_id: 'reports-page',
  token_endpoint_auth_method: 'none',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code'],
  response_types: ['code'],
};
const form = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sign in</title>
<form method="post">
  <label>Name <input name="name" autocomplete="off" autofocus required pattern="[a-z]{1,30}"></label>
  <button>Sign in</button>
</form>
</html>
`;
const cookieKeys = [randomBytes(32).toString('hex')];
let keys = [newKey()];
let answer = createProvider();

// oidc-provider reads its keys once: a rotation is another one with the same sessions in its place.
createServer((request, response) => answer(request, response)).listen(new URL(issuer).port, new URL(issuer).hostname, () => console.log(`Identity provider on ${issuer}`));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'rotate') {
    keys = [newKey(), ...keys];
    answer = createProvider();
    console.log(`Key ${keys[0].kid} signs`);
  }
});

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

function createProvider() {
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    cookies: { keys: cookieKeys },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: Number(seconds), Interaction: 600, Session: 3600 },
    clientBasedCORS: (_, origin) => origin === new URL(redirectUri).origin,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant,
  });
  provider.use(async (context, next) => (context.path.startsWith('/interaction/') ? interact(provider, context) : next()));
  return provider.callback();
}

// The page is the provider's own: nobody has to consent to it.
async function loadExistingGrant(context) {
  const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

async function interact(provider, context) {
  context.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  context.set('cache-control', 'no-store');
  if (context.method === 'GET') {
    context.type = 'html';
    context.body = form;
    return;
  }

  const name = await readName(context.req);
  if (!name) {
    context.status = 400;
    return;
  }

  context.respond = false;
  await provider.interactionFinished(context.req, context.res, { login: { accountId: name } });
}

async function readName(request) {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 1000) {
      return null;
    }
  }

  const name = new URLSearchParams(body).get('name') ?? '';
  return /^[a-z]{1,30}$/.test(name) ? name : null;
}
