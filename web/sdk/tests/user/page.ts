// A page as users of the SDK write it: that it compiles is the test of tccc.d.ts.
import type { AgentStatus, CommonSDKResponse, Failure } from '../../tccc';

export function injectTcccWebSDK(SdkURL: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('crossorigin', 'anonymous');
    script.src = SdkURL;
    script.dataset.enableShared = 'true';
    document.body.appendChild(script);
    script.addEventListener('load', () => {
      window.tccc.on(window.tccc.events.ready, ({ tabUUID }) => resolve(tabUUID));
      window.tccc.on('tokenExpired', ({ message, data }) => reject(message + data.message));
    });
  });
}

export async function work(): Promise<void> {
  const res = await tccc.Call.startOutboundCall({
    phoneNumber: '+15550199', phoneDesc: 'Carol', uui: 'order 7', skillGroupId: '1', callerPhoneNumber: '+15550100',
    servingNumberGroupIds: ['sales'], phoneEncodeType: 'number',
  });
  const { sessionId } = res.data;
  const same: string = res.sessionId;
  const all: Promise<CommonSDKResponse>[] = [
    tccc.Call.accept({ sessionId }), tccc.Call.hungUp({ sessionId }), tccc.Call.deleteCall({ sessionId: same }),
    tccc.Call.muteMic({ sessionId }), tccc.Call.unmuteMic({ sessionId }), tccc.Call.hold({ sessionId }),
    tccc.Call.unHold({ sessionId }), tccc.Call.monitor({ sessionId, textOnly: true }), tccc.Call.intercept({ sessionId }),
    tccc.Call.transfer({ sessionId, skillGroupId: '1' }), tccc.Call.transfer({ sessionId, userId: 'bob' }),
    tccc.Call.sendDigits({ sessionId, dtmfText: '12#' }),
    tccc.Call.startInternalCall({ calleeUserId: 'bob', useMobile: false }),
    tccc.Chat.accept({ sessionId }), tccc.Chat.end({ sessionId }), tccc.Chat.transfer({ sessionId, userId: 'bob' }),
    tccc.Video.accept({ sessionId }), tccc.Video.muteVideo({ sessionId }), tccc.Video.unmuteVideo({ sessionId }),
    tccc.Video.muteMic({ sessionId }), tccc.Video.unmuteMic({ sessionId }), tccc.Video.end({ sessionId }),
    tccc.Video.transfer({ sessionId, skillGroupId: '1' }),
    tccc.Agent.setStatus({ status: 'rest', restReason: 'Meal' }), tccc.Agent.setStatus({ status: 'stopNotReady' }),
  ];
  await Promise.all(all).catch((e: Failure) => console.error(e.errorMsg));
  const muted: boolean = (await tccc.Call.isMicMuted({ sessionId })).data.isMicMuted;
  const status: AgentStatus = tccc.Agent.getStatus();
  const devices: MediaDeviceInfo[] = [...await tccc.Devices.getMicrophones(), ...await tccc.Devices.getSpeakers()];
  console.log(muted, status, devices, tccc.Devices.isBrowserSupported());
  tccc.Agent.online();
  tccc.Agent.offline();
}

export async function ours(sessionId: string): Promise<void> {
  await tccc.Call.monitor({ sessionId });
  await tccc.Call.whisper({ sessionId });
  await tccc.Call.barge({ sessionId });
  await tccc.Call.stopMonitor({ sessionId });
  await tccc.Call.transfer({ sessionId, phoneNumber: '+15550199' });
  await tccc.Call.consult({ sessionId, userId: 'bob' });
  await tccc.Call.swap({ sessionId });
  await tccc.Call.completeTransfer({ sessionId });
  await tccc.Call.cancelTransfer({ sessionId });
  await tccc.Call.secureDigits({ sessionId, secure: true });
  await tccc.Call.pauseRecording({ sessionId });
  await tccc.Call.resumeRecording({ sessionId });
  await tccc.Devices.setMicrophone({ deviceId: '' });
  await tccc.Devices.setSpeaker({ deviceId: '' });
  const { data } = await tccc.Call.getStatistics();
  console.log(data.received, data.lost, data.jitter, data.buffer, data.sent, data.roundTrip);
  console.log(data.discarded, data.lostOutwards, data.score?.toFixed(1), data.causes?.includes('jitter'));
  tccc.on('qualityChanged', ({ level, score, causes }) => console.log(level === 'poor', score.toFixed(1), causes.join()));
  tccc.on('hearing', ({ parties }) => parties.forEach((p) => console.log(p.id, p.role, p.userId, p.mode, p.hears, p.sound)));
  tccc.on('held', ({ held, userId }) => console.log(held, userId));
  tccc.on('digit', ({ digit, secure }) => console.log(digit, secure));
  tccc.on('recording', ({ state }) => console.log(state));
  tccc.on('transferChanged', ({ state, to, userId, reason }) => console.log(state, to, userId, reason));
  tccc.on('mediaLost', ({ reason }) => console.log(reason));
  tccc.on('connectionChanged', ({ connection, media }) => console.log(connection, media));
  tccc.on('problem', ({ message }) => console.log(message));
  tccc.on('callOuted', ({ calleeLocation, skillGroupId, protectedCallee }) =>
    console.log(calleeLocation, skillGroupId, protectedCallee));
}

export function listen(): void {
  tccc.on(tccc.events.callIn, ({ sessionId, type, timeout, data, ivrPath }) => {
    console.log(sessionId, type, timeout, data.callerPhoneNumber, ivrPath?.map(({ key, label }) => key + label));
  });
  tccc.on('sessionEnded', (ended) => console.log(ended.closeBy, ended.duration.toFixed(1), ended.mainReason));
  const changed = ({ status }: { status: AgentStatus }) => console.log(status);
  tccc.on('statusChanged', changed);
  tccc.off('statusChanged', changed);
  // @ts-expect-error There is no such event.
  tccc.on('callin', () => {});
  // @ts-expect-error A parameter is missing.
  void tccc.Call.accept({});
  tccc.UI.hide();
  tccc.UI.show();
  tccc.UI.showfloatButton();
  tccc.UI.hidefloatButton();
  tccc.UI.showWorkbench();
  tccc.UI.hideWorkbench();
  tccc.UI.showNotificationBar();
  tccc.UI.hideNotificationBar();
  tccc.UI.updateUserCustomSettings({ disableRingtone: true });
  tccc.overrideButtonConfig(({ active }) => active.filter(({ type }) => type !== 'transferSeat'));
}
