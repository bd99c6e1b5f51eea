// The words of the history and the settings.

const en = {
  // History
  none: 'No calls yet.', clear: 'Clear the list', all: 'All', onlyMissed: 'Missed', show: 'Show',
  incoming: 'Incoming', outgoing: 'Outgoing', callAgain: (who: string) => `Call ${who}`, search: 'Name or number',
  outcomes: {
    answered: 'answered', missed: 'missed', elsewhere: 'taken by another', rejected: 'rejected', busy: 'busy',
    notAnswered: 'no answer', cancelled: 'cancelled', failed: 'failed',
  },
  kept: (n: number) => `The latest ${n} calls of this seat, kept in this browser.`,
  // Settings
  soundTitle: 'Sound', microphone: 'Microphone', speaker: 'Loudspeaker', byBrowser: 'The browser\'s choice',
  level: 'Level', test: 'Play a tone', ring: 'Ring volume', silent: 'Off',
  ringPage: 'The page has switched ringing off.', soundElsewhere: 'Your sound is at your phone.',
  deviceTitle: 'Where you take calls', device: 'Device', useMobile: 'Mobile stands in',
  uses: { 0: 'Never', 1: 'While the device is not there', 2: 'Always' } as Record<number, string>,
  noticeTitle: 'Notifications', notifications: 'Tell me of calls while this page is not in front',
  allow: 'Allow in the browser', denied: 'The browser blocks them: allow them in the address bar.',
  noticePage: 'The page has switched them off.',
  looksTitle: 'Looks', language: 'Language', theme: 'Colours',
  auto: 'As in the browser', light: 'Light', dark: 'Dark', system: 'As in the system',
  keysTitle: 'Keyboard',
  keys: [
    ['0–9 * #', 'Digits: to the other side, or into the number'],
    ['Alt A', 'Answer'], ['Alt X', 'Hang up or reject'], ['Alt M', 'Mute'], ['Alt H', 'Hold'],
    ['Alt T', 'Transfer'], ['Alt K', 'Keypad'], ['Esc', 'Close what is open'],
  ] as [string, string][],
};

export type PageWords = typeof en;

const zh: PageWords = {
  none: '暂无通话记录。', clear: '清空记录', all: '全部', onlyMissed: '未接', show: '显示',
  incoming: '呼入', outgoing: '呼出', callAgain: (who) => `呼叫 ${who}`, search: '姓名或号码',
  outcomes: {
    answered: '已接通', missed: '未接', elsewhere: '已由他人接听', rejected: '已拒接', busy: '忙线',
    notAnswered: '无人接听', cancelled: '已取消', failed: '失败',
  },
  kept: (n) => `本坐席最近 ${n} 条通话,保存在此浏览器中。`,
  soundTitle: '声音', microphone: '麦克风', speaker: '扬声器', byBrowser: '由浏览器选择',
  level: '音量', test: '播放提示音', ring: '铃声音量', silent: '关闭',
  ringPage: '当前页面已关闭铃声。', soundElsewhere: '声音在您的话机上。',
  deviceTitle: '接听方式', device: '设备', useMobile: '转到手机',
  uses: { 0: '从不', 1: '设备不在线时', 2: '始终' },
  noticeTitle: '通知', notifications: '页面不在前台时提醒来电',
  allow: '在浏览器中允许', denied: '浏览器已阻止通知:请在地址栏中允许。',
  noticePage: '当前页面已关闭通知。',
  looksTitle: '外观', language: '语言', theme: '颜色',
  auto: '跟随浏览器', light: '浅色', dark: '深色', system: '跟随系统',
  keysTitle: '快捷键',
  keys: [
    ['0–9 * #', '按键:发送给对方,或输入号码'],
    ['Alt A', '接听'], ['Alt X', '挂断或拒接'], ['Alt M', '静音'], ['Alt H', '保持'],
    ['Alt T', '转接'], ['Alt K', '拨号盘'], ['Esc', '关闭已打开的窗口'],
  ],
};

export const pageWords = { en, zh };
