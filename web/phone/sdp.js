// What the page changes in the SDP that the browser makes.

/** Says that a candidate line is of a loopback address. */
export function isLoopback(candidate) {
  const address = candidate.split(' ')[4] ?? '';
  return address.startsWith('127.') || address === '::1';
}

/** Takes out the candidates that are not of a loopback address, so that all traffic of a test stays in the machine. */
export function onlyLoopback(sdp) {
  return sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:') || isLoopback(line)).join('\r\n');
}
