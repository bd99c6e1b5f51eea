// What a browser must have for a seat to sound in it.

/** Says that this browser has it. */
export function isSupported() {
  return ['RTCPeerConnection', 'AudioContext'].every((name) => name in globalThis) &&
    Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}
