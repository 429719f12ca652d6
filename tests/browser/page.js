/*
 * page.js: what is asked of a page from inside it. This file is evaluated in the page and gives an object of functions;
 * each returns plain data, a list of complaints where it judges.
 */
({
    /* Where the page leads: every link, as an absolute address, and every place on it that can be led to. */
    map() {
        const links = [...document.querySelectorAll("a[href], area[href]")].map(a => [a.href, a.textContent.trim().slice(0, 40)]);
        const places = [...document.querySelectorAll("[id]")].map(e => e.id).concat([...document.querySelectorAll("a[name]")].map(a => a.name));
        return { links, places };
    },

    /* What the page would load from elsewhere, whether or not it did. */
    foreign() {
        const loaders = "[src], [srcset], [poster], [background], link[href], object[data], form[action], meta[http-equiv=refresh]";
        return [...document.querySelectorAll(loaders)]
            .map(e => e.src || e.srcset || e.poster || e.data || e.action || (e.tagName === "LINK" ? e.href : "") || e.getAttribute("background") || e.content)
            .filter(address => /^(https?:|\/\/|ftp:|wss?:)/.test(String(address)))
            .map(address => `loads ${address}`);
    },

    /* The page is never wider than its window; what is wider in it has a scroll bar of its own. */
    width() {
        const said = [];
        const root = document.documentElement;
        if (root.scrollWidth > innerWidth) {
            said.push(`${root.scrollWidth} pixels wide in a window of ${innerWidth}`);
            const scrolls = e => e && e !== document.body && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
            for (const e of document.querySelectorAll("body *"))
                if (e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e))
                    said.push(`  <${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.trim().slice(0, 40)}`);
        }
        for (const p of document.querySelectorAll(".contents p")) {
            const box = p.getBoundingClientRect();
            if (box.height > 0 && p.textContent.length > 80 && box.width < Math.min(innerWidth * 0.6, 300) && !p.closest("table, li, dd"))
                said.push(`a paragraph is ${Math.round(box.width)} pixels narrow: ${p.textContent.slice(0, 40)}`);
            if (box.height > 0 && parseFloat(getComputedStyle(p).fontSize) < 14)
                said.push(`a paragraph is in ${getComputedStyle(p).fontSize}: ${p.textContent.slice(0, 40)}`);
        }
        return said.slice(0, 6);
    },

    /* Each piece of text against what is behind it: WCAG 2's contrast, 4.5 or more. And the paper is as dark as it should be. */
    contrast(dark) {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const known = new Map();
        /* Any colour that CSS can say, as red, green, blue and opacity. */
        const parse = text => {
            if (!known.has(text)) {
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = text;
                canvas.fillRect(0, 0, 1, 1);
                const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
                known.set(text, [r, g, b, a / 255]);
            }
            return known.get(text);
        };
        const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
        const luminance = color => {
            const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (a, b) => {
            const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
            return (high + 0.05) / (low + 0.05);
        };
        const paper = e => {
            const layers = [];
            for (; e; e = e.parentElement) {
                const color = parse(getComputedStyle(e).backgroundColor);
                layers.unshift(color);
                if (color[3] === 1)
                    break;
            }
            return layers.reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
        };

        const said = new Map();
        const ground = luminance(paper(document.body));
        if (dark ? ground > 0.1 : ground < 0.7)
            said.set("paper", `the page's ground has a luminance of ${ground.toFixed(2)}`);
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        let counted = 0;
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const e = node.parentElement;
            const style = getComputedStyle(e);
            if (!node.data.trim() || !e.checkVisibility() || /^(SCRIPT|STYLE)$/.test(e.tagName))
                continue;
            const ground = paper(e);
            const ink = over(parse(e.closest("svg") ? style.fill : style.color), ground);
            counted++;
            if (ratio(ink, ground) < 4.5)
                said.set(`${e.tagName} ${e.className.baseVal ?? e.className}`,
                    `contrast ${ratio(ink, ground).toFixed(2)}: <${e.tagName.toLowerCase()} class="${e.className.baseVal ?? e.className}"> ${node.data.trim().slice(0, 40)}`);
        }
        if (counted === 0)
            said.set("empty", "no text can be seen");
        return [...said.values()].slice(0, 6);
    },
})
