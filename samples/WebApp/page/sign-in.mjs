// Sign-in by authorization code with PKCE (RFC 7636; OpenID Connect Core 1.0, section 3.1).
import * as oauth from 'oauth4webapi';

const kept = 'sign-in';
const redirectUri = `${location.origin}/`;

export async function begin(settings) {
  const provider = await discover(settings);
  const attempt = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };

  // Kept over the way to the provider and back; the token itself is never stored.
  sessionStorage.setItem(kept, JSON.stringify(attempt));
  const address = new URL(provider.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    prompt: 'login',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(address);
}

// The ID token and whom it is about, or null where nobody comes from the provider.
export async function finish(settings) {
  const here = new URL(location.href);
  const attempt = JSON.parse(sessionStorage.getItem(kept));
  if (!attempt || !here.searchParams.has('state')) {
    return null;
  }

  sessionStorage.removeItem(kept);
  history.replaceState(null, '', redirectUri);
  const provider = await discover(settings);
  const client = { client_id: settings.clientId };
  const parameters = oauth.validateAuthResponse(provider, client, here, attempt.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    provider, client, oauth.None(), parameters, redirectUri, attempt.verifier, insecureWhereLoopback(settings));
  const tokens = await oauth.processAuthorizationCodeResponse(provider, client, answer, { expectedNonce: attempt.nonce, requireIdToken: true });
  return { token: tokens.id_token, name: oauth.getValidatedIdTokenClaims(tokens).sub };
}

async function discover(settings) {
  const issuer = new URL(settings.issuer);
  const answer = await oauth.discoveryRequest(issuer, insecureWhereLoopback(settings));
  return oauth.processDiscoveryResponse(issuer, answer);
}

// Plain HTTP is for this machine alone.
function insecureWhereLoopback(settings) {
  return { [oauth.allowInsecureRequests]: new URL(settings.issuer).hostname === '127.0.0.1' };
}
