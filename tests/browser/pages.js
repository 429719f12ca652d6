/*
 * pages.js [--pictures FOLDER] FOLDER: the grader's own pages in Chromium: reports, and class.html, a class's page. Their texts are
 * hostile (tests/tool_pages.c, tests/data/pages): each must still be text. The last line is `N passed, N failed`.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const chromium = require("./chromium.js");
const { WIDE, NARROW, verdict, totals, pagesOf, addressOf, load, show, watch, visit } = require("./look.js");

const A4_INSIDE = 688; /* pixels between the margins of a sheet: 182 mm */

/* Whatever was put in as text has made no element, run nothing, and changed nothing. */
async function remainText(tab, folder) {
    const said = [];
    for (const name of pagesOf(folder)) {
        await load(tab, addressOf(folder, name));
        const { title, scripts, strange, handlers, shown } = await tab.evaluate(`({
            title: document.title,
            scripts: document.scripts.length,
            strange: [...document.querySelectorAll("img, iframe, object, embed, link, base, audio, video, foreignObject")].map(e => e.outerHTML),
            handlers: [...document.querySelectorAll("*")].flatMap(e => [...e.attributes]).filter(a => /^on|^(href|src)$/.test(a.name) && (/^on/.test(a.name) || /^\\s*(javascript|data):/i.test(a.value))).map(a => a.name + "=" + a.value),
            shown: document.body.textContent,
        })`);
        if (/owned/.test(title))
            said.push(`${name}: a script of a stranger's ran`);
        if (scripts !== (name === "class.html" ? 1 : 0))
            said.push(`${name}: ${scripts} scripts`);
        said.push(...strange.concat(handlers).map(what => `${name}: ${what.slice(0, 80)}`));
        if (!/owned/.test(shown) && /class|hostile/.test(name))
            said.push(`${name}: the hostile text is not on it, so nothing was tried`);
    }
    return said;
}

/* A drawing has a name and a description, and no id stands twice. */
async function named(tab, folder) {
    const said = [];
    let drawings = 0;
    for (const name of pagesOf(folder)) {
        await load(tab, addressOf(folder, name));
        const { svg, twice } = await tab.evaluate(`({
            svg: [...document.querySelectorAll("svg")].map(s => s.getAttribute("role") === "img" &&
                (s.getAttribute("aria-labelledby") || "").split(" ").every(id => document.getElementById(id)?.textContent.trim())),
            twice: [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i),
        })`);
        drawings += svg.length;
        said.push(...svg.filter(right => !right).map(() => `${name}: a drawing without a name`));
        said.push(...twice.map(id => `${name}: the id ${id} stands twice`));
    }
    if (drawings < 5)
        said.push(`only ${drawings} drawings were looked at`);
    return said;
}

/* The paper has the size asked for, nothing is cut off at its side, and there is no page too many. */
async function prints(tab, folder, pictures) {
    const said = [];
    for (const name of pagesOf(folder)) {
        await load(tab, addressOf(folder, name));
        await tab.send("Emulation.setDeviceMetricsOverride", { width: A4_INSIDE, height: 1000, deviceScaleFactor: 1, mobile: false });
        await tab.send("Emulation.setEmulatedMedia", { media: "print", features: [] });
        const [wide, tall, failures] = await tab.evaluate(`[document.documentElement.scrollWidth, document.documentElement.scrollHeight, document.querySelectorAll("article").length]`);
        await tab.send("Emulation.setEmulatedMedia", { media: "", features: [] });
        if (wide > A4_INSIDE)
            said.push(`${name}: ${wide} pixels wide on paper that has ${A4_INSIDE}`);
        const { data } = await tab.send("Page.printToPDF", { preferCSSPageSize: true });
        const pdf = Buffer.from(data, "base64");
        const text = pdf.toString("latin1");
        const pages = (text.match(/\/Type\s*\/Page\b(?!s)/g) || []).length;
        const boxes = [...text.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)].map(m => [Math.round(m[1]), Math.round(m[2])].join());
        if (boxes.length === 0 || boxes.some(box => box !== "595,842"))
            said.push(`${name}: not on A4: ${boxes}`);
        /* What does not fit on a page goes to the next: half of one is lost with each failure at the most. */
        const most = Math.ceil(tall / 1000 * 1.5) + 1 + failures;
        if (pages < 1 || pages > most)
            said.push(`${name}: ${pages} pages, ${most} would do`);
        if (pictures)
            fs.writeFileSync(path.join(pictures, `${name}.pdf`), pdf);
    }
    return said;
}

const column = `[...document.querySelectorAll("#students tbody tr")].filter(r => !r.hidden)`;

async function sorts(tab, folder) {
    const said = [];
    const marks = `${column}.map(r => Number(r.cells[3].dataset.value))`;
    await show(tab, WIDE, false);
    await load(tab, addressOf(folder, "class.html"));
    const press = name => tab.evaluate(`[...document.querySelectorAll("#students th button")].find(b => b.textContent === ${JSON.stringify(name)}).click()`);
    const order = direction => list => list.every((v, i) => i === 0 || (v - list[i - 1]) * direction >= 0);

    await press("Mark");
    const up = await tab.evaluate(marks);
    await press("Mark");
    const down = await tab.evaluate(marks);
    if (up.length < 60 || !order(1)(up) || !order(-1)(down) || up.join() === down.join())
        said.push(`marks are not in order: ${up.slice(0, 5)}..., ${down.slice(0, 5)}...`);
    if (await tab.evaluate(`document.querySelector("#students th[aria-sort]").textContent + document.querySelector("#students th[aria-sort]").ariaSort`) !== "Markdescending")
        said.push("the heading does not say how it is sorted");
    await press("Student");
    const keys = await tab.evaluate(`${column}.map(r => r.cells[1].textContent)`);
    if (keys.join() !== [...keys].sort().join())
        said.push(`students are not in order: ${keys.slice(0, 5)}`);
    return said;
}

async function filters(tab, folder) {
    const said = [];
    await load(tab, addressOf(folder, "class.html"));
    const all = await tab.evaluate(`${column}.length`);
    await tab.evaluate(`document.querySelector("#filter input").focus()`);
    await tab.send("Input.insertText", { text: "two FILES" });
    const found = await tab.evaluate(`${column}.map(r => r.textContent)`);
    if (all < 60 || found.length !== 1 || !/Two files/.test(found[0]))
        said.push(`"two FILES" finds ${found.length} of ${all}`);
    await tab.evaluate(`(() => { const box = document.querySelector("#filter input"); box.value = ""; box.dispatchEvent(new Event("input")); })()`);
    await tab.evaluate(`(() => { const box = document.querySelector("#filter select"); box.value = "1"; box.dispatchEvent(new Event("change")); })()`);
    const states = await tab.evaluate(`${column}.map(r => r.cells[2].textContent)`);
    if (states.length === 0 || states.length === all || states.some(word => word !== "nothing handed in"))
        said.push(`the state's filter shows ${states.slice(0, 5)}`);
    if (await tab.evaluate(`document.querySelector("#filter output").textContent`) !== `${states.length} / ${all}`)
        said.push("the count is not that of the rows");
    return said;
}

/* Without its script the page says the same. */
async function still(tab, folder) {
    const said = [];
    await tab.send("Emulation.setScriptExecutionDisabled", { value: true });
    await load(tab, addressOf(folder, "class.html"));
    const { root } = await tab.send("DOM.getDocument", { depth: -1 });
    const text = (await tab.send("DOM.getOuterHTML", { nodeId: root.nodeId })).outerHTML;
    await tab.send("Emulation.setScriptExecutionDisabled", { value: false });
    if (!/id="filter" class="filter" hidden/.test(text))
        said.push("a filter that does nothing is shown");
    if ((text.match(/<tr data-state/g) || []).length < 60 || /<tr data-state="\d" hidden/.test(text))
        said.push("not everybody is in the table");
    return said;
}

async function take(tab, folder, pictures) {
    for (const name of pagesOf(folder)) {
        for (const [width, dark] of [[WIDE, false], [WIDE, true], [NARROW, false], [NARROW, true]]) {
            await show(tab, width, dark);
            await load(tab, addressOf(folder, name));
            const { cssContentSize } = await tab.send("Page.getLayoutMetrics");
            const clip = { x: 0, y: 0, width, height: Math.min(cssContentSize.height, 3600), scale: 1 };
            const { data } = await tab.send("Page.captureScreenshot", { clip, captureBeyondViewport: true });
            fs.writeFileSync(path.join(pictures, `${name}-${width}-${dark ? "dark" : "light"}.png`), Buffer.from(data, "base64"));
        }
    }
}

async function look(browser, folder, pictures) {
    const tab = await browser.open();
    const seen = watch(tab, folder);
    const { maps, ...said } = await visit(tab, folder, seen);

    verdict(`pages: ${maps.size} of them, none wider than a window of ${NARROW} pixels`, said.width);
    verdict("pages: text can be read in the light", said.light);
    verdict("pages: text can be read in the dark", said.dark);
    seen.now = "text";
    verdict("pages: hostile text stays text", await remainText(tab, folder));
    verdict("pages: drawings have names, ids are unique", await named(tab, folder));
    verdict("pages: they print on A4", await prints(tab, folder, pictures));
    seen.now = "class.html";
    verdict("class: the table sorts", await sorts(tab, folder));
    verdict("class: the table filters", await filters(tab, folder));
    verdict("class: the page needs no script to be read", await still(tab, folder));
    verdict("pages: nothing on the console", seen.console);
    verdict("pages: nothing is asked for elsewhere", seen.network.concat(said.foreign));
    if (pictures)
        await take(tab, folder, pictures);
}

async function main() {
    const given = process.argv.slice(2);
    const pictures = given[0] === "--pictures" ? given.splice(0, 2)[1] : "";
    if (given.length !== 1 || !fs.existsSync(path.join(given[0], "class.html"))) {
        console.error("usage: pages.js [--pictures FOLDER] FOLDER    (with class.html and reports)");
        process.exit(2);
    }
    if (pictures)
        fs.mkdirSync(pictures, { recursive: true });
    let browser = null;
    try {
        browser = await chromium.start();
        await look(browser, path.resolve(given[0]), pictures);
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
