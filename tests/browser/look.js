/*
 * look.js: what the browser's tests share: a page is opened, shown in some way, and asked; what the browser says and fetches
 * meanwhile is kept. Each complaint is a text that begins with the page's name.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const inPage = fs.readFileSync(path.join(__dirname, "page.js"), "utf8");
const WIDE = 1280, NARROW = 375;
let passed = 0, failed = 0;

function verdict(title, complaints) {
    console.log(`${complaints.length ? "not ok" : "ok"} - ${title}`);
    complaints.slice(0, 25).forEach(complaint => console.log(`#   ${complaint}`));
    complaints.length ? failed++ : passed++;
}

const pagesOf = site => fs.readdirSync(site).filter(name => name.endsWith(".html")).sort();
const addressOf = (site, name) => pathToFileURL(path.join(site, name)).href;

async function load(tab, address) {
    const loaded = tab.once("Page.loadEventFired");
    const { errorText } = await tab.send("Page.navigate", { url: address });
    if (errorText)
        throw new Error(`${address}: ${errorText}`);
    await loaded;
}

async function show(tab, width, dark) {
    await tab.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
}

/* What the browser itself says and asks for while pages are open; `now` names the page. */
function watch(tab, site) {
    const seen = { console: [], network: [], now: "" };
    const root = pathToFileURL(site).href + "/";
    const say = (list, text) => seen[list].push(`${seen.now}: ${text}`);

    tab.on("Runtime.consoleAPICalled", ({ type, args }) => {
        if (["error", "warning", "assert"].includes(type))
            say("console", args.map(a => a.value ?? a.description).join(" "));
    });
    tab.on("Runtime.exceptionThrown", ({ exceptionDetails: e }) => say("console", e.exception?.description || e.text));
    tab.on("Log.entryAdded", ({ entry }) => {
        if (["error", "warning"].includes(entry.level))
            say("console", `${entry.text} ${entry.url || ""}`);
    });
    tab.on("Network.requestWillBeSent", ({ request }) => {
        if (!request.url.startsWith("data:") && !request.url.startsWith(root))
            say("network", `asks for ${request.url}`);
    });
    tab.on("Network.webSocketCreated", ({ url }) => say("network", `asks for ${url}`));
    return seen;
}

/* Every page once: what it looks like in four ways, where it leads. */
async function visit(tab, site, seen) {
    const said = { width: [], light: [], dark: [], foreign: [] };
    const maps = new Map();

    for (const name of pagesOf(site)) {
        seen.now = name;
        await show(tab, WIDE, false);
        await load(tab, addressOf(site, name));
        const ask = async (list, question) => (await tab.evaluate(`${inPage}.${question}`)).forEach(text => said[list].push(`${name}: ${text}`));
        maps.set(name, await tab.evaluate(`${inPage}.map()`));
        await ask("foreign", "foreign()");
        await ask("light", "contrast(false)");
        await show(tab, WIDE, true);
        await ask("dark", "contrast(true)");
        await show(tab, NARROW, false);
        await ask("width", "width()");
    }
    return { ...said, maps };
}

const totals = () => ({ passed, failed });

module.exports = { WIDE, NARROW, verdict, totals, pagesOf, addressOf, load, show, watch, visit };
