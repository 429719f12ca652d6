/*
 * book.js: what the book does beyond lying there: contents that know the page, code that can be copied, search.
 *
 * It works from a file: address, loads nothing but search.js beside it (made by tools/book-search.awk, fetched when the
 * search box is first used), and the book can be read without it.
 */
"use strict";

(function () {
    const page = location.pathname.split("/").pop() || "index.html";
    const create = (name, properties) => Object.assign(document.createElement(name), properties);

    document.documentElement.classList.add("script");

    /* --- contents, and the pages before and after ------------------------------------------------- */

    const toc = document.getElementById("toc");
    const menu = document.getElementById("menu");
    const places = [...toc.querySelectorAll("a")].filter(a => !a.hash);
    const here = places.findIndex(a => a.pathname.split("/").pop() === page);

    if (here >= 0) {
        places[here].setAttribute("aria-current", "page");
        const details = places[here].closest("details");
        if (details)
            details.open = true;
        const turn = document.getElementById("turn");
        const lead = (place, name, before, after) => {
            if (place)
                turn.append(create("a", { href: place.href, className: name, rel: name, textContent: before + place.textContent + after }));
        };
        lead(places[here - 1], "prev", "\u2190 ", "");
        lead(places[here + 1], "next", "", " \u2192");
        if (toc.scrollHeight > toc.clientHeight)
            toc.scrollTop = places[here].offsetTop - toc.clientHeight / 3;
    }

    const showContents = shown => {
        toc.classList.toggle("shown", shown);
        menu.setAttribute("aria-expanded", String(shown));
    };
    menu.addEventListener("click", () => showContents(!toc.classList.contains("shown")));
    toc.addEventListener("click", event => { if (event.target.closest("a")) showContents(false); });

    /* --- headings can be linked to ---------------------------------------------------------------- */

    for (const anchor of document.querySelectorAll(":is(h1, h2, h3, h4) > a.anchor[id]"))
        anchor.parentElement.append(create("a", { className: "anchorlink", href: "#" + anchor.id, textContent: "#", ariaLabel: "Link to this section" }));

    /* --- code can be copied ----------------------------------------------------------------------- */

    /* The code alone: no line numbers. Of a session with prompts, the commands. */
    const codeOf = block => {
        const lines = [...block.querySelectorAll(".line")];
        const text = lines.length === 0 ? block.textContent : lines.map(line => {
            const copy = line.cloneNode(true);
            copy.querySelectorAll(".lineno").forEach(number => number.remove());
            return copy.textContent;
        }).join("\n") + "\n";
        if (!text.startsWith("$ "))
            return text;
        return text.split("\n").filter(line => line.startsWith("$ ")).map(line => line.slice(2)).join("\n") + "\n";
    };

    const copyText = async text => {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            /* No permission, or a browser that has no clipboard for files. */
            const area = create("textarea", { value: text });
            document.body.append(area);
            area.select();
            const copied = document.execCommand("copy");
            area.remove();
            if (!copied)
                throw new Error("copying is not allowed");
        }
    };

    for (const block of document.querySelectorAll("pre.fragment, div.fragment")) {
        const frame = create("div", { className: "block" });
        const button = create("button", { type: "button", className: "copy", textContent: "Copy" });
        block.replaceWith(frame);
        frame.append(block, button);
        button.addEventListener("click", () => {
            copyText(codeOf(block)).then(() => { button.textContent = "Copied"; }, () => { button.textContent = "Not allowed"; });
        });
        frame.addEventListener("mouseleave", () => { button.textContent = "Copy"; });
        /* What scrolls must be reachable by keyboard. */
        if (block.scrollWidth > block.clientWidth)
            block.tabIndex = 0;
    }

    /* --- search ----------------------------------------------------------------------------------- */

    const form = document.getElementById("find");
    const input = document.getElementById("words");
    const found = document.getElementById("found");
    const most = 20;
    let entries = null;
    let asked = false;

    /* What search.js calls: [address, title of the page, title of the section, text, words that it explains] each.
       The address counts as heading: a report names a section by it. */
    window.book_index = list => {
        entries = list.map(([address, title, section, text, words]) =>
            ({ address, title, section, text, heading: `${section || title} ${address} ${words}`.toLowerCase(), low: text.toLowerCase() }));
        search();
    };

    const load = () => {
        if (asked)
            return;
        asked = true;
        document.head.append(create("script", { src: "search.js" }));
    };

    /* A heading counts more than text, a chapter more than a source. */
    const weigh = (entry, words) => {
        let weight = entry.address.includes("_source.html") ? 0 : 5;
        for (const word of words) {
            const times = entry.low.split(word).length - 1;
            const inHeading = entry.heading.includes(word);
            if (times === 0 && !inHeading)
                return 0;
            weight += 1 + Math.min(times, 5) + (inHeading ? 20 : 0);
        }
        return weight;
    };

    /* Some words around the first find, the finds marked. */
    const excerpt = (entry, words) => {
        const at = Math.max(0, Math.min(...words.map(word => entry.low.indexOf(word)).filter(i => i >= 0), entry.text.length));
        const start = at === entry.text.length ? 0 : Math.max(0, at - 60);
        const text = entry.text.slice(start, start + 170);
        const span = create("span", {});
        const low = text.toLowerCase();
        let done = 0;
        if (start > 0)
            span.append("\u2026 ");
        while (done < text.length) {
            const next = words.map(word => [low.indexOf(word, done), word.length]).filter(([i]) => i >= 0).sort((a, b) => a[0] - b[0])[0];
            if (!next)
                break;
            span.append(text.slice(done, next[0]), create("mark", { textContent: text.slice(next[0], next[0] + next[1]) }));
            done = next[0] + next[1];
        }
        span.append(text.slice(done), " \u2026");
        return span;
    };

    function search() {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        found.hidden = words.length === 0 || !entries;
        if (found.hidden)
            return;
        const hits = entries.map(entry => ({ entry, weight: weigh(entry, words) })).filter(hit => hit.weight > 0)
            .sort((a, b) => b.weight - a.weight);
        const list = create("ol", {});
        for (const { entry } of hits.slice(0, most)) {
            const link = create("a", { href: entry.address });
            link.append(create("b", { textContent: entry.section || entry.title }), " ");
            if (entry.section)
                link.append(create("small", { textContent: entry.title }));
            link.append(excerpt(entry, words));
            const item = create("li", {});
            item.append(link);
            list.append(item);
        }
        const count = hits.length === 0 ? "Nothing in the book has these words." : hits.length > most ? `The first ${most} of ${hits.length} places` : "";
        found.replaceChildren(...(count ? [create("p", { textContent: count })] : []), list);
    }

    input.addEventListener("focus", load);
    input.addEventListener("input", () => { load(); search(); });
    form.addEventListener("submit", event => {
        event.preventDefault();
        const first = found.querySelector("a");
        if (first)
            first.click();
    });
    form.addEventListener("keydown", event => {
        const stops = [input, ...found.querySelectorAll("a")];
        const at = stops.indexOf(document.activeElement);
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
            if (next)
                next.focus();
        }
    });
    document.addEventListener("keydown", event => {
        if (event.key === "/" && !(document.activeElement instanceof HTMLInputElement)) {
            event.preventDefault();
            input.focus();
        }
        if (event.key === "Escape") {
            found.hidden = true;
            showContents(false);
        }
    });
    document.addEventListener("click", event => {
        if (event.target.closest("#found a") || !event.target.closest("#find"))
            found.hidden = true;
    });
    if (input.value)
        load();
})();
