// The script: makes the global tccc. What it is served with is an argument of the function around it.
import { SDK } from './sdk';

declare const seatbridgeLogin: { token?: string; user?: string; problem?: string };

const { src, dataset } = document.currentScript as HTMLScriptElement;
const { token = dataset.token, user, problem } = seatbridgeLogin;

window.tccc = new SDK({
  gateway: new URL(src),
  token,
  user: user ?? dataset.userid,
  problem,
  processing: dataset.processing !== 'off',
  loopback: dataset.loopback !== undefined,
  shared: dataset.enableShared === 'true',
}).api();
