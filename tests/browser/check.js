/*
 * check.js [--pictures FOLDER] SITE...: opens the book from disk in Chromium and reports what is wrong with it.
 *
 * SITE is a folder with an index.html. tests/browser/bad is looked at first: a page with every fault that is
 * looked for, each of which must be seen. --pictures also leaves a picture of some pages, wide and narrow, light and dark.
 * The last line is `N passed, N failed`, and the status says the same.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath } = require("node:url");
const chromium = require("./chromium.js");
const { WIDE, NARROW, verdict, totals, pagesOf, addressOf, load, show, watch, visit } = require("./look.js");

/* Every link inside the book lands: on a file, and on a place in it. */
function landings(site, maps) {
    const said = [];
    let counted = 0;
    for (const [name, { links }] of maps) {
        for (const [address, text] of links) {
            const url = new URL(address);
            if (["http:", "https:", "mailto:"].includes(url.protocol))
                continue;
            counted++;
            const file = url.protocol === "file:" ? path.relative(site, fileURLToPath(url.href.split("#")[0])) : "";
            const place = decodeURIComponent(url.hash.slice(1));
            if (url.protocol !== "file:" || file.startsWith(".."))
                said.push(`${name}: "${text}" leads out of the book: ${address}`);
            else if (!fs.existsSync(path.join(site, file)))
                said.push(`${name}: "${text}" leads to ${file}, which is not there`);
            else if (place && maps.has(file) && !maps.get(file).places.includes(place))
                said.push(`${name}: "${text}" leads to ${file}#${place}, and there is no such place`);
        }
    }
    if (counted === 0)
        said.push("there is no link at all");
    return said;
}

/* The book's button puts a block's code on the clipboard, without line numbers; what was pasted is compared with the source. */
async function copying(tab, browser, site) {
    const said = [];
    await browser.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    await tab.send("Page.bringToFront");
    await show(tab, WIDE, false);

    const copied = async (name, which) => {
        await load(tab, addressOf(site, name));
        return tab.evaluate(`(async () => {
            const button = [...document.querySelectorAll(".block")].filter(b => ${which})[0].querySelector(".copy");
            const done = new Promise(resolve => new MutationObserver(resolve).observe(button, { childList: true, characterData: true, subtree: true }));
            button.click();
            await done;
            return [button.textContent, await navigator.clipboard.readText()];
        })()`);
    };
    const expect = (what, [button, text], right) => {
        if (button !== "Copied" || !right(text))
            said.push(`${what}: the button says "${button}", the clipboard has ${JSON.stringify(text.slice(0, 80))}`);
    };
    expect("a prototype in lab 04", await copied("lab04.html", `b.textContent.includes("int accept(")`),
        text => text.trim() === "int accept(int listener, struct sockaddr *address, socklen_t *length);");
    expect("a session in lab 04", await copied("lab04.html", `b.textContent.startsWith("$ nc -d")`),
        text => text.startsWith("nc -d 127.0.0.1 4000\n") && !text.includes("Hello"));
    if (fs.existsSync(path.join(site, "hello__server_8c_source.html")))
        expect("a solution", await copied("hello__server_8c_source.html", "true"),
            text => text.startsWith("/**\n * @file hello_server.c\n") && text.includes("\n#include <sys/socket.h>\n") && text.includes("int main(int argc, char *argv[])\n{\n"));

    /* By hand too: a block can be selected, and its line numbers stay out. */
    await load(tab, addressOf(site, "lab04.html"));
    const selected = await tab.evaluate(`(() => {
        const block = [...document.querySelectorAll("pre.fragment, div.fragment")].find(b => b.textContent.includes("int accept("));
        getSelection().selectAllChildren(block);
        return getSelection().toString();
    })()`);
    if (!selected.includes("int accept(int listener"))
        said.push(`selecting gives ${JSON.stringify(selected.slice(0, 80))}`);
    return said;
}

/* Typed into the box as a reader would; the first find leads to a place that has the word. */
async function searching(tab, site, word) {
    const said = [];
    await show(tab, WIDE, false);
    await load(tab, addressOf(site, "index.html"));
    await tab.evaluate(`document.getElementById("words").focus()`);
    const found = tab.evaluate(`new Promise(resolve => {
        const box = document.getElementById("found");
        const look = () => { if (!box.hidden && box.childElementCount > 0) resolve([...box.querySelectorAll("a")].map(a => [a.href, a.textContent])); };
        new MutationObserver(look).observe(box, { childList: true, attributes: true, subtree: true });
        look();
    })`);
    await tab.send("Input.insertText", { text: word });
    const hits = await found;
    if (hits.length === 0)
        return [`nothing is found for ${word}`];
    for (const [address, text] of hits)
        if (!(text + address).toLowerCase().includes(word.toLowerCase()))
            said.push(`${address} is found and does not show ${word}`);
    const arrived = tab.once("Page.frameNavigated");
    await tab.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", code: "Enter", text: "\r", windowsVirtualKeyCode: 13 });
    await tab.send("Input.dispatchKeyEvent", { type: "keyUp", key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 });
    await arrived;
    const place = await tab.evaluate(`new Promise(resolve => {
        const look = () => resolve([location.href, !location.hash || !!document.getElementById(location.hash.slice(1)), document.body.textContent]);
        document.readyState === "complete" ? look() : addEventListener("load", look);
    })`);
    if (place[0] !== hits[0][0] || !place[1] || !(place[2] + place[0]).toLowerCase().includes(word.toLowerCase()))
        said.push(`Enter leads to ${place[0]}, the first find is ${hits[0][0]}`);
    return said;
}

/* In a narrow window the contents are behind a button, all of them. */
async function contents(tab, site) {
    const said = [];
    await show(tab, NARROW, false);
    await load(tab, addressOf(site, "lab04.html"));
    const state = () => tab.evaluate(`(() => { const toc = document.getElementById("toc"); return [toc.checkVisibility(), toc.getBoundingClientRect().width]; })()`);
    if ((await state())[0])
        said.push("the contents lie over a narrow page");
    await tab.evaluate(`document.getElementById("menu").click()`);
    if (!(await state())[0])
        said.push("the button does not show the contents");
    const labs = await tab.evaluate(`[...document.querySelectorAll("#toc a")].filter(a => !a.hash).map(a => a.getAttribute("href")).filter(a => /^lab/.test(a))`);
    if (labs.length === 0 || labs.join() !== [...labs].sort().join() || labs.length !== pagesOf(site).filter(name => /^lab/.test(name)).length)
        said.push(`the labs are not all in the contents, in their order: ${labs}`);
    return said;
}

async function take(tab, site, folder) {
    const edition = site.includes("student") ? "student" : "instructor";
    fs.mkdirSync(folder, { recursive: true });
    const wanted = ["index", "lab04", "lab06", "calls", "errors", "tools", "glossary", "instructors", "hello__server_8c_source"];
    for (const name of wanted.filter(name => fs.existsSync(path.join(site, `${name}.html`)))) {
        for (const [width, dark] of [[WIDE, false], [WIDE, true], [NARROW, false], [NARROW, true]]) {
            await show(tab, width, dark);
            await load(tab, addressOf(site, `${name}.html`));
            const { cssContentSize } = await tab.send("Page.getLayoutMetrics");
            const clip = { x: 0, y: 0, width, height: Math.min(cssContentSize.height, 3600), scale: 1 };
            const { data } = await tab.send("Page.captureScreenshot", { clip, captureBeyondViewport: true });
            fs.writeFileSync(path.join(folder, `${edition}-${name}-${width}-${dark ? "dark" : "light"}.png`), Buffer.from(data, "base64"));
        }
    }
}

/* The page of faults: every one is seen, or the rest of this run proves nothing. */
async function checkOurselves(browser) {
    const site = path.join(__dirname, "bad");
    const tab = await browser.open();
    const seen = watch(tab, site);
    const { maps, ...said } = await visit(tab, site, seen);
    const lands = landings(site, maps);
    const must = {
        "an error on the console": seen.console.some(text => /a fault/.test(text)),
        "an exception": seen.console.some(text => /ReferenceError/.test(text)),
        "a request to elsewhere": seen.network.some(text => /192\.0\.2\.1/.test(text)),
        "a picture from elsewhere": said.foreign.some(text => /192\.0\.2\.1/.test(text)),
        "a page that is too wide": said.width.some(text => /pixels wide/.test(text)),
        "pale text in the light": said.light.some(text => /class="pale"/.test(text)),
        "text that is lost in the dark": said.dark.some(text => /class="lost"/.test(text)),
        "a page that stays white in the dark": said.dark.some(text => /luminance/.test(text)),
        "a link to no file": lands.some(text => /nowhere\.html/.test(text)),
        "a link to no place": lands.some(text => /#nowhere/.test(text)),
    };
    verdict("each fault of tests/browser/bad is seen", Object.keys(must).filter(name => !must[name]).map(name => `${name} is not seen`));
}

async function checkSite(browser, site, pictures) {
    const edition = path.relative(process.cwd(), site);
    const tab = await browser.open();
    const seen = watch(tab, site);
    const { maps, ...said } = await visit(tab, site, seen);

    verdict(`${edition}: ${maps.size} pages, and every link inside lands`, landings(site, maps));
    verdict(`${edition}: no page is wider than a window of ${NARROW} pixels`, said.width);
    verdict(`${edition}: text can be read in the light`, said.light);
    verdict(`${edition}: text can be read in the dark`, said.dark);
    seen.now = "copying";
    verdict(`${edition}: code can be copied`, await copying(tab, browser, site));
    for (const word of ["SO_REUSEADDR", "TIME_WAIT", "getaddrinfo", "half-close", "lab04-greets"]) {
        seen.now = `search for ${word}`;
        verdict(`${edition}: search finds ${word}`, await searching(tab, site, word));
    }
    seen.now = "contents";
    verdict(`${edition}: the contents in a narrow window`, await contents(tab, site));
    /* Last: what was seen in all of the above. */
    verdict(`${edition}: nothing on the console`, seen.console);
    verdict(`${edition}: nothing is asked for outside the book`, seen.network.concat(said.foreign));
    if (pictures)
        await take(tab, site, pictures);
}

async function main() {
    const sites = process.argv.slice(2);
    const pictures = sites[0] === "--pictures" ? sites.splice(0, 2)[1] : "";
    if (sites.length === 0 || !sites.every(site => fs.existsSync(path.join(site, "index.html")))) {
        console.error("usage: check.js [--pictures FOLDER] SITE...    (a SITE has an index.html: make handouts)");
        process.exit(2);
    }
    let browser = null;
    try {
        browser = await chromium.start();
        await checkOurselves(browser);
        for (const site of sites)
            await checkSite(browser, path.resolve(site), pictures);
    } catch (error) {
        verdict("the browser can be used", String(error.message || error).split("\n"));
    }
    if (browser)
        await browser.stop();
    const { passed, failed } = totals();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed || !passed ? 1 : 0);
}

main();
