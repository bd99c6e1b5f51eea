// Tokens, which open what the gateway keeps to those it knows.

/** Gets a token, for a login or for operations; the password may be left out in the demo. */
export async function fetchToken(user, password, purpose = 'login') {
  const response = await fetch('/api/v1/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password, for: purpose }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error.message); // the gateway's sentence
  }
  return answer.token;
}
