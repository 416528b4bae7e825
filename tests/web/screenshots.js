// Pictures of every kind of page on a phone, a tablet and a desk, for people to look at; no test reads them.
// Usage: PUBLIC=folder-of-the-built-site node screenshots.js [folder-for-the-pictures]
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, served, visitor } from "./browser.js";
import { serve } from "./server.js";
import { specimens } from "./site.js";

const out = resolve(process.argv[2] ?? "screenshots");
mkdirSync(out, { recursive: true });
const { origin, close } = await serve();
const browser = await launch();
for (const width of [390, 768, 1440]) {
  const context = await visitor(browser, { width });
  const page = await context.newPage();
  for (const { kind, url } of specimens()) {
    await page.goto(served(origin, url), { waitUntil: "networkidle" });
    await page.screenshot({ path: join(out, `${kind}-${width}.png`), fullPage: true });
  }
  await context.close();
}
await browser.close();
await close();
console.log(out);
