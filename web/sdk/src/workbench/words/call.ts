// The words of the call bar and what opens from it.

const en = {
  answer: 'Answer', reject: 'Reject', hangup: 'Hang up', stop: 'Stop listening',
  mute: 'Mute', unmute: 'Unmute', hold: 'Hold', resume: 'Resume', keypad: 'Keypad', transfer: 'Transfer',
  secure: 'Secret digits', pause: 'Pause rec.', goOn: 'Resume rec.',
  complete: 'Complete', swap: 'Swap', cancel: 'Cancel',
  group: 'Call', handing: 'Handing over',
  somebody: 'Somebody', duration: 'Duration', you: 'You', other: 'Other side',
  with: (who: string) => `with ${who}`, by: (who: string) => `from ${who}`,
  recording: 'Recording', paused: 'Recording paused', notRecorded: 'Recording failed',
  quality: { good: 'Good sound', fair: 'Fair sound', poor: 'Poor sound' },
  pressed: (digits: string) => `Pressed: ${digits}`,
  incoming: 'Incoming call',
  calls: (number: string) => `calls ${number}`,
  callsYou: 'calls you',
  callsDevice: (device: string) => `rings at your ${device}`,
  answerHint: 'Enter answers',
  answerWho: (who: string) => `Answer ${who}`,
  rejectWho: (who: string) => `Reject ${who}`,
  lift: 'Answer at your phone, or here',
  // What a call does.
  state: {
    calling: 'Calling', ringing: 'Ringing', earlyMedia: 'Ringing', seatJoining: 'Your phone rings',
    inProgress: 'In call',
  } as Record<string, string>,
  mode: {
    monitor: 'Listening', whisper: 'Whispering to the agent', barge: 'Speaking to both',
  } as Record<string, string>,
  reconnecting: 'Reconnecting', soundLost: 'Sound is lost', onHold: 'On hold', youAreOnHold: 'You are on hold',
  transferring: (to: string) => `Transferring to ${to}`,
  transferRings: (to: string) => `Transferring: it rings at ${to}`,
  asking: (to: string) => `Asking ${to}`,
  askingRings: (to: string) => `Asking ${to}: it rings there`,
  consulting: (to: string) => `Consulting ${to}, the caller waits`,
  back: (to: string) => `Back with the caller, ${to} waits`,
  // The keypad.
  keys: 'Keypad', sent: 'Digits sent', close: 'Close',
  // The transfer.
  transferTitle: 'Hand the call over', atOnce: 'At once', askFirst: 'Ask first', way: 'How',
  search: 'Group, name or number', go: 'Transfer', ask: 'Ask', free: (n: number) => `${n} free`,
  waiting: (n: number) => `${n} waiting`, nobodyFree: 'Nobody is free', noGroups: 'There are no groups',
  nothingFound: 'Nothing found: a number can be entered', refresh: 'Refresh',
};

export type CallWords = typeof en;

const zh: CallWords = {
  answer: '接听', reject: '拒接', hangup: '挂断', stop: '停止监听',
  mute: '静音', unmute: '取消静音', hold: '保持', resume: '恢复', keypad: '拨号盘', transfer: '转接',
  secure: '保密按键', pause: '暂停录音', goOn: '继续录音',
  complete: '完成转接', swap: '切换', cancel: '取消转接',
  group: '通话', handing: '转接中',
  somebody: '未知来电', duration: '时长', you: '我方', other: '对方',
  with: (who) => `与 ${who}`, by: (who) => `由 ${who} 转来`,
  recording: '录音中', paused: '录音已暂停', notRecorded: '录音失败',
  quality: { good: '音质良好', fair: '音质一般', poor: '音质较差' },
  pressed: (digits) => `对方按键:${digits}`,
  incoming: '来电',
  calls: (number) => `呼叫 ${number}`,
  callsYou: '呼叫您',
  callsDevice: (device) => `您的${device}正在响铃`,
  answerHint: '按回车键接听',
  answerWho: (who) => `接听 ${who}`,
  rejectWho: (who) => `拒接 ${who}`,
  lift: '请在话机上或此处接听',
  state: {
    calling: '正在呼叫', ringing: '响铃中', earlyMedia: '响铃中', seatJoining: '您的话机正在响铃', inProgress: '通话中',
  },
  mode: { monitor: '监听中', whisper: '正在对坐席耳语', barge: '正在三方通话' },
  reconnecting: '正在重新连接', soundLost: '声音中断', onHold: '保持中', youAreOnHold: '您被对方保持',
  transferring: (to) => `正在转接至 ${to}`,
  transferRings: (to) => `正在转接:${to} 响铃中`,
  asking: (to) => `正在咨询 ${to}`,
  askingRings: (to) => `正在咨询 ${to}:对方响铃中`,
  consulting: (to) => `正在与 ${to} 咨询,客户等待中`,
  back: (to) => `已切回客户,${to} 等待中`,
  keys: '拨号盘', sent: '已发送按键', close: '关闭',
  transferTitle: '转接通话', atOnce: '直接转接', askFirst: '先咨询', way: '方式',
  search: '技能组、姓名或号码', go: '转接', ask: '咨询', free: (n) => `${n} 人空闲`,
  waiting: (n) => `${n} 人排队`, nobodyFree: '无人空闲', noGroups: '没有技能组',
  nothingFound: '未找到:可直接输入号码', refresh: '刷新',
};

export const callWords = { en, zh };
