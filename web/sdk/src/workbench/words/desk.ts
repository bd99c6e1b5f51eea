// The words of the log-in, the frame, the dialer and the status.

const en = {
  // Log in
  title: 'Log in', demo: 'This is the demo: choose a seat. Open a second window for another one.',
  user: 'User', password: 'Password', enter: 'Log in', leave: 'Log out', loggingIn: 'Logging in',
  roles: { 1: 'administrator', 2: 'quality inspector', 3: 'agent' } as Record<number, string>,
  devices: {
    staffSeat: 'browser', staffExtensionSeat: 'desk phone', staffPhoneSeat: 'mobile', miniProgramSeat: 'mini program',
  } as Record<string, string>,
  // Frame
  places: 'Places', missed: (n: number) => `${n} missed`, dismiss: 'Dismiss', activity: 'Activity',
  nothingYet: 'Nothing has happened yet.',
  open: 'Open the workbench', shut: 'Close the workbench', drag: 'Drag to move',
  // The connection
  connection: {
    closed: 'Offline', connecting: 'Connecting', open: 'Online', reconnecting: 'Reconnecting',
  } as Record<string, string>,
  media: { connecting: 'Sound connecting', lost: 'Sound is lost' } as Record<string, string>,
  mediaLost: 'The sound connection was lost; it is being made again.',
  reconnecting: 'The gateway is out of reach. Your call goes on; this page tries again by itself.',
  microphone: 'No microphone', tryAgain: 'Try again',
  blockedSound: 'Click anywhere, so that the browser lets us sound.',
  // Not logged in
  over: {
    refused: 'Your login has ended. Log in again.',
    unreachable: 'The gateway cannot be reached.',
    replaced: 'This seat went on in another tab.',
    kickedOut: 'You logged in elsewhere: this page is logged out.',
    loggedOut: '',
  } as Record<string, string>,
  connecting: 'Connecting to the gateway', notIn: 'You are not logged in', reload: 'Load the page again to go on.',
  // The dialer
  number: 'Number or extension', call: 'Call', redial: 'Redial', erase: 'Erase', dialer: 'Dial',
  tryNumbers: 'Numbers to try', recent: 'Latest calls', sound: 'Sound',
  figures: {
    received: 'Received', sent: 'Sent', lost: 'Lost', jitter: 'Jitter', buffer: 'Buffer', roundTrip: 'Round trip',
  } as Record<string, string>,
  // The status
  status: 'Status',
  statuses: {
    offline: 'Offline', free: 'Free', busy: 'In a call', arrange: 'After-call work', notReady: 'Not ready',
    rest: 'Rest',
  } as Record<string, string>,
  /** Of a rest, by what goes to the gateway. */
  reasons: { Meal: 'Meal', Break: 'Break', Meeting: 'Meeting', Training: 'Training' } as Record<string, string>,
  after: (status: string) => `${status} after this call`, timeLeft: 'Time left', done: 'Done', since: 'For',
};

export type DeskWords = typeof en;

const zh: DeskWords = {
  title: '登录', demo: '这是演示环境:请选择一个坐席。可在另一个窗口打开其他坐席。',
  user: '用户', password: '密码', enter: '登录', leave: '退出登录', loggingIn: '正在登录',
  roles: { 1: '管理员', 2: '质检员', 3: '坐席' },
  devices: { staffSeat: '浏览器', staffExtensionSeat: '话机', staffPhoneSeat: '手机', miniProgramSeat: '小程序' },
  places: '页面', missed: (n) => `${n} 个未接`, dismiss: '知道了', activity: '动态',
  nothingYet: '暂无动态。',
  open: '打开工作台', shut: '关闭工作台', drag: '拖动以移动',
  connection: { closed: '离线', connecting: '正在连接', open: '在线', reconnecting: '正在重新连接' },
  media: { connecting: '正在连接声音', lost: '声音中断' },
  mediaLost: '声音连接已中断,正在恢复。',
  reconnecting: '无法连接网关。通话不受影响,页面会自动重试。',
  microphone: '没有麦克风', tryAgain: '重试', blockedSound: '请点击页面任意位置,以允许浏览器播放声音。',
  over: {
    refused: '登录已失效,请重新登录。',
    unreachable: '无法连接网关。',
    replaced: '该坐席已在另一个标签页中继续。',
    kickedOut: '您已在别处登录,本页面已退出。',
    loggedOut: '',
  },
  connecting: '正在连接网关', notIn: '您尚未登录', reload: '请重新加载页面。',
  number: '号码或分机', call: '呼叫', redial: '重拨', erase: '删除', dialer: '拨号',
  tryNumbers: '可试拨的号码', recent: '最近通话', sound: '声音',
  figures: { received: '已接收', sent: '已发送', lost: '丢失', jitter: '抖动', buffer: '缓冲', roundTrip: '往返时延' },
  status: '状态',
  statuses: { offline: '离线', free: '空闲', busy: '通话中', arrange: '话后整理', notReady: '示忙', rest: '小休' },
  reasons: { Meal: '用餐', Break: '休息', Meeting: '会议', Training: '培训' },
  after: (status) => `通话后:${status}`, timeLeft: '剩余时间', done: '完成', since: '已持续',
};

export const deskWords = { en, zh };
