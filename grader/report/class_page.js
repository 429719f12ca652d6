/*
 * class_page.js: the table of students sorts by a click on its headings, and shows those that are asked for. Without it the
 * page says the same. It changes nothing but the order of rows, and which are hidden.
 */
"use strict";
(() => {
    const table = document.getElementById("students");
    const filter = document.getElementById("filter");
    if (!table || !filter)
        return;
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const headings = [...table.tHead.rows[0].cells];
    const words = filter.querySelector("input");
    const state = filter.querySelector("select");
    const shown = filter.querySelector("output");

    /* A cell's number if it has one, else its words. */
    const valueOf = (row, column) => {
        const cell = row.cells[column];
        return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
    };
    const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
        : String(a).localeCompare(String(b), undefined, { numeric: true });

    const sort = column => {
        const heading = headings[column];
        const up = heading.getAttribute("aria-sort") !== "ascending";
        headings.forEach(other => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        rows.sort((a, b) => compare(valueOf(a, column), valueOf(b, column)) * (up ? 1 : -1));
        body.append(...rows);
    };

    const select = () => {
        const wanted = words.value.trim().toLowerCase().split(/\s+/);
        let count = 0;
        for (const row of rows) {
            const text = row.textContent.toLowerCase();
            row.hidden = !wanted.every(word => text.includes(word)) || (state.value !== "" && row.dataset.state !== state.value);
            count += row.hidden ? 0 : 1;
        }
        shown.textContent = `${count} / ${rows.length}`;
    };

    headings.forEach((heading, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...heading.childNodes);
        button.addEventListener("click", () => sort(column));
        heading.append(button);
    });
    words.addEventListener("input", select);
    state.addEventListener("change", select);
    filter.addEventListener("submit", event => event.preventDefault());
    filter.hidden = false;
    select();
})();
