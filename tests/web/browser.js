// Chromium, as Debian installs it, looking at the served site. Nothing here downloads a browser.
import { chromium } from "playwright-core";
import { base, asOf } from "./site.js";
import { prefix } from "./server.js";

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
  });

/** The moment that the site was built for: the start of that day in Shanghai. */
export const builtAt = new Date(`${asOf}T00:00:00+08:00`);

/** A fresh visitor, on the day of the build unless another moment is given; other sites answer with a word. */
export async function visitor(browser, origin, { width = 1440, height = 900, now = builtAt, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: "zh-CN", ...options });
  context.setDefaultTimeout(15_000);
  await context.clock.setFixedTime(now);
  await context.route((url) => url.origin !== origin, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: "<title>另一个网站</title>" }));
  return context;
}

/** Where the server has the page with this address. */
export const served = (origin, url) => origin + prefix + url.slice(base.length);
