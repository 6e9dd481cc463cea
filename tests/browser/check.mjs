// The HTML pages of the program under a real browser.
//
// In: BROWSER (a Chromium), HARTRIAGE (the program), OUT (a folder for pages and pictures). Out: a line for each page;
// exit status 1 when a promise is broken. The checks run inside the page through the debugger, which the page's own
// policy does not bind; whether the policy holds is tried from an element within.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { hostile } from "./hostile.mjs";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const { BROWSER, HARTRIAGE, OUT } = process.env;
const WIDTHS = [375, 768, 1280];
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const DEMO = "fixtures/demo";
const HOSTILE = hostile(join(OUT, "hostile"));
const PAGES = [
  ["all-en", ["diagnose", DEMO]],
  ["all-ja", ["diagnose", DEMO, "--lang", "ja"]],
  ["sign-in-en", ["diagnose", `${DEMO}/contoso-sign-in.har`]],
  ["mailbox-ja", ["diagnose", `${DEMO}/fabrikam-settings-page.har`, "--lang", "ja"]],
  ["consent-en", ["diagnose", `${DEMO}/northwind-declined.har`]],
  ["log-en", ["diagnose", `${DEMO}/tailspin-mail-sync.jsonl`]],
  ["account-en", ["diagnose", `${DEMO}/wingtip-connects-reception.har`]],
  ["works-en", ["diagnose", `${DEMO}/adatum-works.har`]],
  ["cut-en", ["diagnose", "fixtures/cases/app-unknown-in-cut-capture"]],
  ["nothing-ja", ["diagnose", "fixtures/cases/help-pages-and-bundles-only", "--lang", "ja"]],
  ["hostile-en", ["diagnose", HOSTILE]],
  ["hostile-ja", ["diagnose", HOSTILE, "--lang", "ja"]],
  ["sweep-en", ["sweep", "fixtures/cases"]],
  ["sweep-ja", ["sweep", "fixtures/cases", "--lang", "ja"]],
  ["sweep-hostile-en", ["sweep", HOSTILE]],
  ["compare-en", ["compare", `${DEMO}/adatum-works.har`, `${DEMO}/contoso-sign-in.har`]],
  ["compare-hostile-ja", ["compare", `${DEMO}/adatum-works.har`, HOSTILE, "--lang", "ja"]],
];
// Name, page, width, height (0: the whole page), dark.
const PICTURES = [
  ["report-light", "sign-in-en", 1100, 1180, false],
  ["report-dark", "mailbox-ja", 1100, 1180, true],
  ["report-narrow", "all-en", 375, 900, false],
  ["sweep", "sweep-en", 1100, 900, false],
  ["compare", "compare-en", 1100, 760, false],
];

const faults = [];
let page_name = "";
function holds(what, condition, detail = "") {
  if (!condition) faults.push(`${page_name}: ${what}${detail ? `: ${detail}` : ""}`);
}

/** Writes a page with the program; its text. */
function render(name, args) {
  const file = join(OUT, `${name}.html`);
  const language = args.includes("--lang") ? [] : ["--lang", "en"];
  execFileSync(HARTRIAGE, [...args, ...language, "--no-config", "-q", "--format", "html", "-o", file], { cwd: root });
  return { file, text: readFileSync(file, "utf8") };
}

/** A page that counts what it should never do. */
async function open(browser, file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { errors: [], requests: [], dialogs: 0 };
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && seen.errors.push(m.text()));
  page.on("pageerror", (e) => seen.errors.push(String(e)));
  page.on("dialog", (d) => { seen.dialogs += 1; d.dismiss(); });
  page.on("popup", () => { seen.dialogs += 1; });
  page.on("request", (r) => seen.requests.push(r.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { context, page, seen, url };
}

async function accessible(page, theme) {
  await page.evaluate(axe);
  const run = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"] };
  const found = await page.evaluate((options) => globalThis.axe.run(document, options), run);
  holds(`axe (${theme}) looked at something`, found.passes.length > 10, `${found.passes.length} rules`);
  for (const v of found.violations) holds(`axe (${theme}) ${v.id}`, false, `${v.help}: ${v.nodes[0].html.slice(0, 160)}`);
  return found.passes.length;
}

/** No part of the page, outside of what scrolls by itself, is wider than the window. */
async function fits(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    holds(`no sideways scrolling at ${width}`, wide <= window_, `${wide} > ${window_}`);
  }
}

/** What the page holds, read from its tree and not from its text. */
async function inert(page, report) {
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll("*")];
    const attributes = all.flatMap((e) => [...e.attributes].map((a) => [e.localName, a.name, a.value]));
    return {
      active: all.map((e) => e.localName).filter((n) => /^(script|iframe|object|embed|img|form|input|base|audio|video|foreignobject|link)$/i.test(n)),
      handlers: attributes.filter(([, name]) => name.startsWith("on")),
      links: attributes.filter(([, name]) => /href|src|action|formaction|xlink/.test(name)).filter(([, , v]) => !/^#[\w-]+$/.test(v)),
      dead: [...document.querySelectorAll("a")].filter((a) => !document.getElementById(a.hash.slice(1))).length,
      hidden: /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b\u200b]/.test(document.documentElement.outerHTML),
      marked: globalThis.owned === true,
      places: [...document.querySelectorAll("figcaption code")].map((c) => [c.textContent, getComputedStyle(c).userSelect]),
      flow: document.querySelectorAll("svg.flow").length,
      failed: document.querySelectorAll("svg.flow rect.here").length,
      ranks: [...document.querySelectorAll("article > h2")].map((h) => parseInt(h.textContent, 10)),
      texts: document.querySelectorAll("blockquote").length,
    };
  });
  holds("no active element", found.active.length === 0, found.active.join());
  holds("no handler", found.handlers.length === 0, JSON.stringify(found.handlers));
  holds("every link stays on the page", found.links.length === 0, JSON.stringify(found.links.slice(0, 3)));
  holds("every link leads somewhere", found.dead === 0);
  holds("no bidirectional or control character", !found.hidden);
  holds("no script of an input ran", !found.marked);
  if (report && found.ranks.length > 0) {
    holds("the causes come in order", found.ranks.every((n, at) => n === at + 1), found.ranks.join());
    holds("places of evidence are there to copy", found.places.length > 0 && found.places.every(([t, s]) => t.includes("›") && s === "all"));
    holds("three texts for each", found.texts >= 3);
  }
  return found;
}

/** A script put into the page does not run: the policy is in force, not only written down. */
async function policy(context, file, text) {
  const trial = `${file}.trial.html`;
  const marked = text.replace("<main>", "<main><script>document.title='ran'</script><p id=h onclick=\"document.title='ran'\">x</p>");
  holds("the page has a main part", marked !== text);
  writeFileSync(trial, marked);
  const page = await context.newPage();
  await page.goto(pathToFileURL(trial).href);
  await page.click("#h");
  holds("the policy blocks a script", (await page.title()) !== "ran");
  await page.close();
}

/** On paper nothing is cut at the side and nothing that can be opened stays closed. */
async function paper(page) {
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  // A4 less margins, in CSS pixels.
  await page.setViewportSize({ width: 718, height: 1000 });
  const cut = await page.evaluate(() => {
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1);
    const closed = document.querySelectorAll("details:not([open])").length;
    return { wide: wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 100)), closed };
  });
  holds("print: nothing is cut at the side", cut.wide.length === 0, cut.wide.join(" | "));
  holds("print: nothing is closed", cut.closed === 0);
  const pdf = await page.pdf({ format: "A4", margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" } });
  const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
  holds("print: there are pages", sheets.length > 0 && pdf.subarray(0, 5).toString() === "%PDF-");
  return sheets.length;
}

async function check(browser, name, args) {
  page_name = name;
  const { file, text } = render(name, args);
  const { context, page, seen, url } = await open(browser, file, { colorScheme: "light", viewport: { width: 1280, height: 900 } });
  const rules = await accessible(page, "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await fits(page);
  await page.setViewportSize({ width: 375, height: 900 });
  await accessible(page, "narrow");
  const found = await inert(page, args[0] === "diagnose");
  if (name.startsWith("hostile")) {
    for (const piece of ["<script>", "javascript:", "<img"]) holds(`it shows ${piece} as text`, (await page.textContent("body")).includes(piece));
    holds("it shows a bidirectional mark by its name", (await page.textContent("body")).includes("U+202E"));
  }
  if (name === "sign-in-en") holds("the failing hop is marked", found.flow === 1 && found.failed === 1);
  const sheets = await paper(page);
  holds("no message on the console", seen.errors.length === 0, seen.errors[0]);
  holds("no request but the page", seen.requests.every((r) => r === url), seen.requests.find((r) => r !== url));
  holds("no dialog or window", seen.dialogs === 0);
  await policy(context, file, text);
  await context.close();
  console.log(`${name}: ${rules} rules of axe, ${found.places.length} places, ${sheets} printed pages, ${text.length >> 10} KiB`);
}

async function picture(browser, [name, of, width, height, dark]) {
  const context = await browser.newContext({ colorScheme: dark ? "dark" : "light", viewport: { width, height: height || 900 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(OUT, `${of}.html`)).href);
  const path = join(process.env.UPDATE ? join(root, "docs", "pictures") : OUT, `${name}.png`);
  await page.screenshot({ path, fullPage: height === 0 });
  page_name = name;
  holds("the picture is small enough to be kept", statSync(path).size < 200_000, `${statSync(path).size} bytes`);
  await context.close();
}

mkdirSync(join(root, "docs", "pictures"), { recursive: true });
const browser = await chromium.launch({ executablePath: BROWSER, args: ARGUMENTS });
try {
  for (const [name, args] of PAGES) await check(browser, name, args);
  for (const one of PICTURES) await picture(browser, one);
} finally {
  await browser.close();
}
for (const fault of faults) console.error(`FAILED ${fault}`);
console.log(`${PAGES.length} pages, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
