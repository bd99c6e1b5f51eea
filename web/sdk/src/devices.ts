// tccc.Devices: microphones and loudspeakers.
import type { Devices } from '../tccc';
import type { Desk } from './call';
import { Options } from './options';
import { SDKError, answer, asSDKError } from './result';
import { isSupported } from '../../phone/support.js';

export function newDevices(desk: Desk): Devices {
  return {
    isBrowserSupported: isSupported,
    getMicrophones: () => list('audioinput'),
    getSpeakers: () => list('audiooutput'),
    setMicrophone: (given) => answer(async () => {
      await desk.phone.useMic(deviceOf('Devices.setMicrophone', given));
      if (desk.phone.micProblem) {
        throw new SDKError('unavailable', desk.phone.micProblem);
      }
    }),
    setSpeaker: (given) => answer(() => desk.phone.useSpeaker(deviceOf('Devices.setSpeaker', given))),
  };
}

async function list(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  if (!navigator.mediaDevices) {
    throw new SDKError('unavailable', 'The browser shows its devices to pages of HTTPS or localhost only.');
  }
  try {
    return (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === kind);
  } catch (error) {
    throw asSDKError(error);
  }
}

function deviceOf(name: string, given: unknown): string {
  return new Options(name, given).optionalText('deviceId') ?? '';
}
