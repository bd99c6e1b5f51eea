// The token that opens a login.

/** Gets one; the password may be left out in the demo. */
export async function fetchToken(user, password) {
  const response = await fetch('/api/v1/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password, for: 'login' }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error.message); // the gateway's sentence
  }
  return answer.token;
}
