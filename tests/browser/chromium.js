/*
 * chromium.js: a headless Chromium, driven through a pair of pipes (--remote-debugging-pipe): no port, no package
 * beyond Debian's chromium and nodejs. The protocol: https://chromedevtools.github.io/devtools-protocol/
 *
 *   const browser = await start();            throws when there is no Chromium, or it does not answer
 *   const tab = await browser.open();
 *   await tab.send("Page.navigate", {...});   a command's answer
 *   tab.on("Network.requestWillBeSent", f);   an event, each time
 *   await tab.evaluate("document.title");     a value out of the page
 *   await browser.stop();                     ends Chromium, and removes its profile
 */
"use strict";

const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

/* A browser that says nothing for so long is dead. Nothing waits for this time in a run that goes well. */
const PATIENCE = 120000;

async function start() {
    const profile = mkdtempSync(path.join(tmpdir(), "socklab-browser-"));
    const options = [
        "--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
        "--disable-default-apps", "--no-default-browser-check", "--disable-dev-shm-usage", "--hide-scrollbars",
        /* Chromium does not start as root with its sandbox; the pages are our own. */
        ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
        "about:blank",
    ];
    const child = spawn(process.env.CHROMIUM || "chromium", options, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
    const [, , errors, input, output] = child.stdio;
    const waiting = new Map();
    const listeners = [];
    let number = 0, rest = "", said = "", ended = null;

    const end = reason => {
        ended = ended || new Error(`${reason}\n${said.split("\n").slice(-8).join("\n")}`);
        for (const { reject } of waiting.values())
            reject(ended);
        waiting.clear();
    };
    errors.setEncoding("utf8").on("data", text => { said = (said + text).slice(-4000); });
    child.on("error", error => end(`Chromium can't be started: ${error.message}`));
    child.on("exit", (code, signal) => end(`Chromium has ended (${signal || code})`));
    input.on("error", () => {});

    output.setEncoding("utf8").on("data", text => {
        const messages = (rest + text).split("\0");
        rest = messages.pop();
        for (const message of messages.map(JSON.parse)) {
            const call = waiting.get(message.id);
            waiting.delete(message.id);
            if (call && message.error)
                call.reject(new Error(`${call.method}: ${message.error.message}`));
            else if (call)
                call.resolve(message.result);
            else
                listeners.filter(l => l.session === message.sessionId && l.event === message.method).forEach(l => l.handler(message.params));
        }
    });

    const send = (method, params = {}, session) => new Promise((resolve, reject) => {
        if (ended)
            return reject(ended);
        const id = ++number;
        const clock = setTimeout(() => reject(new Error(`${method}: no answer for ${PATIENCE / 1000} s`)), PATIENCE);
        const done = f => value => { clearTimeout(clock); f(value); };
        waiting.set(id, { method, resolve: done(resolve), reject: done(reject) });
        input.write(JSON.stringify({ id, method, params, sessionId: session }) + "\0");
    });

    const open = async () => {
        const { targetId } = await send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
        const tab = {
            send: (method, params) => send(method, params, sessionId),
            on: (event, handler) => listeners.push({ session: sessionId, event, handler }),
            once: event => new Promise((resolve, reject) => {
                const clock = setTimeout(() => reject(new Error(`${event} does not come`)), PATIENCE);
                const listener = { session: sessionId, event, handler: params => {
                    clearTimeout(clock);
                    listeners.splice(listeners.indexOf(listener), 1);
                    resolve(params);
                } };
                listeners.push(listener);
            }),
            /* An expression, or a promise of one; what it throws is thrown here. */
            evaluate: async expression => {
                const { result, exceptionDetails } = await tab.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true, userGesture: true });
                if (exceptionDetails)
                    throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
                return result.value;
            },
        };
        for (const domain of ["Page", "Runtime", "Log", "Network"])
            await tab.send(`${domain}.enable`);
        return tab;
    };

    const stop = async () => {
        const gone = new Promise(resolve => child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve());
        send("Browser.close").catch(() => {});
        const clock = setTimeout(() => child.kill("SIGKILL"), 10000);
        await gone;
        clearTimeout(clock);
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };

    try {
        await send("Browser.getVersion");
    } catch (error) {
        child.kill("SIGKILL");
        rmSync(profile, { recursive: true, force: true });
        throw error;
    }
    return { send, open, stop };
}

module.exports = { start };
