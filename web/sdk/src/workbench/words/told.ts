// The words for what the gateway tells.

const en = {
  callFrom: (who: string) => `Call from ${who}`,
  calling: (who: string) => `Calling ${who}`,
  rings: 'It rings there',
  earlyMedia: 'The network sends sound before the answer',
  answered: (who: string) => `${who} answered`,
  inCall: 'You are in the call',
  muted: 'Muted', unmuted: 'Unmuted',
  held: 'The call is on hold', goesOn: 'The call goes on',
  pressed: (who: string, digit: string) => `${who} pressed ${digit}`, aSecret: 'a secret digit',
  secure: 'Digits from the other side are secret now', shown: 'Digits from the other side are shown again',
  recording: { on: 'The call is recorded', paused: 'The recording is paused', failed: 'The recording has failed' } as
    Record<string, string>,
  soundLost: (why?: string) => `Sound is lost${why ? `: ${why}` : ''}`, soundBack: 'Sound is back',
  missed: (who: string) => `You missed the call from ${who}: it goes to another`,
  status: (word: string) => `Your status: ${word}`,
  deleted: 'You are no staff member any more',
  otherSide: 'The other side', somebody: 'somebody',
  transfer: {
    started: (who: string) => `The call is to go to ${who}`,
    ringing: (who: string) => `It rings at ${who}`,
    answered: (who: string) => `${who} answered you; the caller waits`,
    completed: (who: string) => `The call went to ${who}`,
    cancelled: (who: string) => `The call was not handed to ${who}`,
  } as Record<string, (who: string) => string>,
  notTaken: (who: string, why?: string) => `${who} did not take the call${why ? `: ${why}` : ''}`,
  handedOver: 'You handed the call over',
  takenOver: (how: string) => `The call was ${how || 'taken over'}`,
  stopped: 'You have stopped listening',
  ended: (by: string, why: string, seconds: number) =>
    `Call ended${by && ` ${by}`}${why && ` (${why})`}${seconds > 0 ? ` after ${seconds} s` : ''}`,
  by: {
    client: 'by the other side', seat: 'by you', admin: 'by the gateway', timer: 'by a timer',
  } as Record<string, string>,
  /** Why a call ended, or was not taken. */
  reasons: {
    busy: 'busy', noAnswer: 'no answer', rejected: 'rejected', cancelled: 'cancelled', notFound: 'no such number',
    unavailable: 'not available', forbidden: 'not allowed', elsewhere: 'taken by another', noCodec: 'no common codec',
    congestion: 'no line free', trunkFailed: 'the carrier failed', mediaDead: 'no sound for too long',
    gone: 'the other side is gone', expired: 'too long', shutdown: 'the gateway stops', failed: 'a fault',
  } as Record<string, string>,
  /** Of refused commands; nothing in English, where the gateway's own sentence will do. */
  codes: {} as Record<string, string>,
  /** Sentences of the page's own; the same. */
  sentences: {} as Record<string, string>,
};

export type ToldWords = typeof en;

const zh: ToldWords = {
  callFrom: (who) => `${who} 来电`,
  calling: (who) => `正在呼叫 ${who}`,
  rings: '对方响铃中',
  earlyMedia: '接通前网络正在播放声音',
  answered: (who) => `${who} 已接听`,
  inCall: '您已接入通话',
  muted: '已静音', unmuted: '已取消静音',
  held: '通话已保持', goesOn: '通话已恢复',
  pressed: (who, digit) => `${who} 按下 ${digit}`, aSecret: '一个保密按键',
  secure: '对方的按键现已保密', shown: '对方的按键恢复显示',
  recording: { on: '通话正在录音', paused: '录音已暂停', failed: '录音失败' },
  soundLost: (why) => `声音中断${why ? `:${why}` : ''}`, soundBack: '声音已恢复',
  missed: (who) => `您未接听 ${who} 的来电,已转给他人`,
  status: (word) => `您的状态:${word}`,
  deleted: '您已不是该系统的成员',
  otherSide: '对方', somebody: '未知号码',
  transfer: {
    started: (who) => `通话将转接至 ${who}`,
    ringing: (who) => `${who} 响铃中`,
    answered: (who) => `${who} 已接听,客户等待中`,
    completed: (who) => `通话已转接至 ${who}`,
    cancelled: (who) => `通话未转接至 ${who}`,
  },
  notTaken: (who, why) => `${who} 未接听${why ? `:${why}` : ''}`,
  handedOver: '您已转出通话',
  takenOver: (how) => `通话已被接管${how && `(${how})`}`,
  stopped: '您已停止监听',
  ended: (by, why, seconds) =>
    `通话已结束${by && `:${by}`}${why && `(${why})`}${seconds > 0 ? `,时长 ${seconds} 秒` : ''}`,
  by: { client: '对方挂断', seat: '您已挂断', admin: '网关结束', timer: '超时结束' },
  reasons: {
    busy: '忙线', noAnswer: '无人接听', rejected: '已拒接', cancelled: '已取消', notFound: '号码不存在',
    unavailable: '不可用', forbidden: '不允许', elsewhere: '已由他人接听', noCodec: '编解码不匹配',
    congestion: '线路繁忙', trunkFailed: '运营商线路故障', mediaDead: '长时间没有声音',
    gone: '对方已断开', expired: '超过最长通话时间', shutdown: '网关停止', failed: '故障',
  },
  codes: {
    badRequest: '请求有误', notFound: '该通话已不存在', wrongState: '当前状态下无法执行此操作',
    busy: '坐席的通话数已达上限',
    forbidden: '没有权限', unavailable: '设备当前不可用', mediaFailed: '声音连接失败', unauthorized: '用户或密码错误',
    rateLimited: '操作过于频繁,请稍候', internal: '网关内部错误', offline: '未连接到网关', notReady: '尚未就绪',
  },
  sentences: {
    'The microphone is blocked: allow it in the address bar.': '麦克风被阻止:请在地址栏中允许使用麦克风。',
    'No microphone was found.': '未找到麦克风。',
    'The microphone needs HTTPS or localhost.': '麦克风需要 HTTPS 或 localhost。',
    'The microphone does not work: another program may have it.': '麦克风无法使用:可能被其他程序占用。',
    'This browser has no choice of loudspeakers.': '此浏览器不支持选择扬声器。',
    'user or password is wrong': '用户或密码错误',
  },
};

export const toldWords = { en, zh };
