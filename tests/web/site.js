// The built site, as the checks see it: its files, its pages, and where an address leads.
// PUBLIC names the output folder; the addresses are those of site.yaml.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "cheerio";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const root = resolve(here, "../..");
export const xinfeng = process.env.XINFENG ?? join(root, "target/release/xinfeng");
export const folder = resolve(process.env.PUBLIC ?? join(root, "public"));
export const base = /^base_url: *(\S+)$/m.exec(readFileSync(join(root, "site.yaml"), "utf8"))[1];
export const asOf = process.env.AS_OF ?? "2026-11-23";

/** Every output below a folder, without the builder's own records in .xinfeng. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(".xinfeng/"))
    .sort();
}

export const files = filesOf(folder);
export const read = (path) => readFileSync(join(folder, path), "utf8");
export const ending = (suffix) => files.filter((path) => path.endsWith(suffix));

/** The address of an output: index.html is the folder's. */
export const urlOf = (path) => new URL(encodeURI(path.replace(/(^|\/)index\.html$/, "$1")), base).href;

/** The output that an address leads to, or undefined. A query or fragment does not matter. */
export function outputAt(address) {
  const url = new URL(address);
  if (!url.href.startsWith(base)) return undefined;
  const path = decodeURIComponent(url.pathname.slice(new URL(base).pathname.length));
  const file = path.replace(/(^|\/)$/, "$1index.html");
  return outputs.has(file) ? file : undefined;
}
const outputs = new Set(files);

class Page {
  constructor(path) {
    this.path = path;
    this.url = urlOf(path);
    this.$ = load(read(path));
    this.isRedirect = this.$("meta[http-equiv=refresh]").length > 0;
    this.isExpired = this.$("main .banner").text().includes("失效");
    this.isIndexed = !this.isRedirect && !this.$('meta[name=robots][content*="noindex"]').length;
    this.kind = /kind-(\S+)/.exec(this.$("body").attr("class") ?? "")?.[1];
    this.ids = new Set(this.$("[id]").map((_, element) => element.attribs.id).get());
  }
}

let parsed;
/** Every HTML page, parsed once. */
export const pages = () => (parsed ??= ending(".html").map((path) => new Page(path)));

/** One page of each kind, and of each kind the longest: home, column, article, notice … */
export function specimens() {
  const longest = new Map();
  for (const page of pages()) {
    const known = longest.get(page.kind);
    if (page.kind && (!known || read(page.path).length > read(known.path).length)) longest.set(page.kind, page);
  }
  return [...longest.values()];
}

/** Fails with the problems found, if there are any; at most forty are shown. */
export function none(problems) {
  const all = [...problems];
  if (!all.length) return;
  const more = all.length > 40 ? [`… and ${all.length - 40} more`] : [];
  throw new Error([...all.slice(0, 40), ...more].join("\n"));
}
