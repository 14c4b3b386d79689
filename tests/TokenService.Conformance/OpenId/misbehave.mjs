// Stands before an OpenID provider that runs in the same process and, when told to, answers in its place:
//   node --import misbehave.mjs PROVIDER.mjs …
// A line "misbehave PART FAULT" on its input begins that, PART being "discovery" or "keys"; "behave" ends it.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';

const parts = { '/.well-known/openid-configuration': 'discovery', '/jwks': 'keys' };
const elsewhere = '/elsewhere';
let part = '';
let fault = '';

const faults = {
  'no answer': () => {},
  'a byte at a time': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
  },
  'cut off': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{', () => response.destroy());
  },
  garbage: (_, response) => response.end('<html>not JSON</html>'),
  '10 MB': (request, response, provider) => change(request, response, provider, (body) => body + ' '.repeat(10_000_000)),
  redirect: (request, response) => response.writeHead(302, { location: elsewhere + request.url }).end(),
  'another issuer': (request, response, provider) =>
    change(request, response, provider, (body) => JSON.stringify({ ...JSON.parse(body), issuer: 'https://issuer.example' })),
  'another slash': (request, response, provider) =>
    change(request, response, provider, (body) => JSON.stringify({ ...JSON.parse(body), issuer: `${JSON.parse(body).issuer}/` })),
};

const createServer = http.createServer;
http.createServer = (provider) =>
  createServer((request, response) => {
    if (request.url.startsWith(elsewhere)) {
      console.log('Redirect followed');
      request.url = request.url.slice(elsewhere.length);
      provider(request, response);
    } else if (fault && parts[request.url] === part) {
      faults[fault](request, response, provider);
    } else {
      provider(request, response);
    }
  });
syncBuiltinESMExports();

createInterface({ input: process.stdin }).on('line', (line) => {
  const [, which, what] = /^misbehave (discovery|keys) (.+)$/.exec(line) ?? [];
  if (what in faults || line === 'behave') {
    [part, fault] = [which ?? '', what ?? ''];
    console.log(fault ? `Misbehaves: ${part} ${fault}` : 'Behaves');
  }
});

// What the provider itself answers, changed.
function change(request, response, provider, edit) {
  const end = response.end.bind(response);
  response.end = (body) => {
    response.removeHeader('content-length');
    return end(edit(body.toString()));
  };
  provider(request, response);
}
