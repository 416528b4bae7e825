// Chromium, as Debian installs it, looking at the served site. Nothing here downloads a browser.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { base, asOf } from "./site.js";
import { prefix } from "./server.js";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** No other site can be reached: whatever a page wants from one is a failed request. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
  });

/** The moment that the site was built for: the start of that day in Shanghai. */
export const builtAt = new Date(`${asOf}T00:00:00+08:00`);

/** Makes it that moment, and lets it stay so. Runs in a page before its own scripts; Playwright's clock, which also counts timers, makes every check take twice as long. */
function stopClock(now) {
  globalThis.Date = class extends Date {
    constructor(...parts) {
      super(...(parts.length ? parts : [now]));
    }
    static now() {
      return now;
    }
  };
}

/** A fresh visitor, on the day of the build unless another moment is given. */
export async function visitor(browser, { width = 1440, height = 900, now = builtAt, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: "zh-CN", ...options });
  context.setDefaultTimeout(15_000);
  await context.addInitScript(stopClock, +now);
  return context;
}

/** Where the server has the page with this address. */
export const served = (origin, url) => origin + prefix + url.slice(base.length);

/** What sticks out on the right of the screen. Runs in the page. */
export function overflow() {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const isCut = (element) => element !== document.body && (getComputedStyle(element).overflowX !== "visible" || isCut(element.parentElement));
  const right = (element) => element.getBoundingClientRect().left + Math.max(element.scrollWidth, element.offsetWidth);
  const wide = [...document.querySelectorAll("body *")].filter((element) => right(element) > clientWidth + 1 && !isCut(element));
  const names = wide.slice(-5).map((element) => `<${element.localName} class="${element.className}"> “${element.textContent.trim().slice(0, 20)}”`);
  return [`wider than the screen by ${scrollWidth - clientWidth} px: ${names.join(", ")}`];
}

/** Serious and critical violations of WCAG and axe's good practice. */
export async function violations(page) {
  await page.evaluate(axe);
  const results = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return results.violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.slice(0, 5).map(({ target, failureSummary }) => `axe ${id}: ${target.join(" ")}\n    ${failureSummary.replace(/\s+/g, " ")}`));
}
