// What a browser must have for a seat to sound in it.

/** Says that sound can come and go. */
export function hasWebRTC() { return ['RTCPeerConnection', 'AudioContext'].every((name) => name in globalThis); }

/** Says that this browser has all of it, a microphone's permission aside. */
export function isSupported() { return hasWebRTC() && Boolean(globalThis.navigator?.mediaDevices?.getUserMedia); }
