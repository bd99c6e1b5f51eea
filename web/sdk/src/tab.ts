/** An id of this page's life. Not randomUUID: that is for HTTPS and localhost alone. */
export function newTab(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}
