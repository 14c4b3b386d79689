import { assumeRole, signedFetch } from './credentials.mjs';
import { begin, finish } from './sign-in.mjs';

const message = document.getElementById('message');
const button = document.getElementById('sign-in');

const settings = await (await fetch('settings.json')).json();
button.addEventListener('click', () => begin(settings).catch((error) => show('refused', explain(error))));

try {
  const identity = await finish(settings);
  if (identity) {
    await read(identity);
  } else {
    show('waiting', 'Sign in to read the report of the first quarter.');
  }
} catch (error) {
  show('refused', explain(error));
}

async function read(identity) {
  let credentials;
  try {
    credentials = await assumeRole(settings, identity);
  } catch (error) {
    show('refused', explain(error, identity));
    return;
  }

  const answer = await signedFetch(settings, credentials, '/reports/q1');
  if (!answer.ok) {
    show('refused', `You are signed in as ${identity.name}, and the report was not handed out (${answer.status}). ${await answer.text()}`);
    return;
  }

  const report = await answer.json();
  show('answered', `${report.title}\nRead by ${report.reader}`);
}

// Says what happened, and what the person in front of the page can do about it. The service's own code stands at the end, for whoever is asked.
function explain(error, identity) {
  const role = settings.roleArn.split('/').at(-1);
  switch (error.name) {
    case 'AccessDenied':
      return `You are signed in as ${identity.name}, and ${identity.name} may not read reports.\n`
        + `Ask whoever looks after the role ${role} to add ${identity.name} to its trust policy, or sign in as somebody who may. (AccessDenied)`;
    case 'ExpiredTokenException':
      return 'Your sign-in has expired. Please sign in again. (ExpiredTokenException)';
    case 'InvalidIdentityToken':
    case 'InvalidIdentityTokenException':
      return 'The token service does not accept sign-ins of this identity provider. Signing in again will not help: '
        + `tell whoever looks after this page, and name the provider ${settings.issuer}. (InvalidIdentityToken)`;
    case 'IDPCommunicationError':
    case 'IDPCommunicationErrorException':
      return 'The identity provider cannot be reached just now. Please sign in again in a minute. (IDPCommunicationError)';
    default:
      return `That did not work: ${error.message}\nPlease sign in again; if it happens once more, tell whoever looks after this page. (${error.name})`;
  }
}

function show(outcome, text) {
  message.dataset.outcome = outcome;
  message.textContent = text;
  button.textContent = outcome === 'waiting' ? 'Sign in' : 'Sign in as somebody else';
  button.hidden = false;
}
