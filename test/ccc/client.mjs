// Runs the vendor's own client against the gateway: one request a line of standard input, {action, parameters, secretKey},
// and its answer a line of standard output, {answer} or {code, message}. Usage: node client.mjs HOST:PORT ID KEY
import { createInterface } from 'node:readline';
import sdk from 'tencentcloud-sdk-nodejs';

const [endpoint, secretId, secretKey] = process.argv.slice(2);

function client(key) {
  return new sdk.ccc.v20200210.Client({
    credential: { secretId, secretKey: key ?? secretKey },
    region: '',
    profile: { httpProfile: { endpoint, protocol: 'http://' } },
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { action, parameters, key } = JSON.parse(line);
  let answer;
  try {
    const c = client(key);
    answer = { answer: await (c[action] ? c[action](parameters) : c.request(action, parameters)) };
  } catch (e) {
    answer = { code: e.code || 'none', message: e.message };
  }
  console.log(JSON.stringify(answer));
}
