// The stand-in for Gemini: a process of its own, told before each case how to behave and asked after
// it what it saw. See `gemini_server --help`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { fileURLToPath } from 'node:url';

const PROGRAM = process.env.LANESCOPE_STAND_IN
  ?? fileURLToPath(new URL('../../target/debug/examples/gemini_server', import.meta.url));

export class StandIn {
  #process;

  constructor(process, url) {
    this.#process = process;
    /** Its base address, without a slash at the end. */
    this.url = url;
    /** Its host with its port. */
    this.host = new URL(url).host;
  }

  /** Starts one on a free port. */
  static async start(...args) {
    if (!existsSync(PROGRAM)) throw new Error('The stand-in is not built: cargo build --example gemini_server');
    const child = spawn(PROGRAM, ['--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise((done, fail) => {
      child.once('exit', (code) => fail(new Error(`The stand-in ended with code ${code}.`)));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        const found = /listening on (\S+)/.exec(text);
        if (found) done(found[1]);
      });
    });
    return new StandIn(child, url);
  }

  stop() {
    this.#process.kill();
  }

  /** Begins a new round with these figures; what is left out is the usual: any key, CORS, no fault. */
  async reset(figures = {}) {
    await this.#ask('POST', '/__reset', { key: null, seed: 1, cors: true, ...QUICK, ...figures });
  }

  /** What it saw in this round. */
  log() {
    return this.#ask('GET', '/__log');
  }

  /** The calls for an answer that it saw in this round, without lists of models. */
  async calls() {
    return (await this.log()).requests.filter(({ method }) => method === 'POST');
  }

  /** Sends one call for an answer, as a program beside the page would. Gives its status. */
  async call() {
    const path = '/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse';
    const body = { contents: [{ role: 'user', parts: [{ text: 'Beside the page.' }] }] };
    return (await this.#send('POST', path, body)).status;
  }

  async #ask(method, path, body) {
    const { status, text } = await this.#send(method, path, body);
    if (status !== 200) throw new Error(`The stand-in answered ${status} to ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  #send(method, path, body) {
    const { request } = this.url.startsWith('https') ? https : http;
    const headers = body ? { 'content-type': 'application/json' } : {};
    return new Promise((done, fail) => {
      const sent = request(this.url + path, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => { text += piece; });
        response.on('end', () => done({ status: response.statusCode, text })).on('error', fail);
      });
      sent.on('error', fail).end(body && JSON.stringify(body));
    });
  }
}

/** Answers of about 0.2 s, so that a case is short and still streams. */
const QUICK = {
  first_byte_millis: { constant: 120 },
  answer_tokens: { constant: 24 },
  tokens_per_second: 300,
  refusal_millis: 20,
};
