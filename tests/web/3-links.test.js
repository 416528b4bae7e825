// The crawl: every address of ours leads somewhere, every page can be reached, nothing comes from elsewhere,
// and nothing in a page needs a loose Content-Security-Policy.
import { describe, test } from "node:test";
import { load } from "cheerio";
import ICAL from "ical.js";
import { base, ending, none, outputAt, pages, read, urlOf } from "./site.js";

/** What attributes hold addresses. A srcset holds several. */
const addressed = {
  "a, area, link, use, image": ["href", "xlink:href"],
  "img, source, script, iframe, embed, audio, video, track, input": ["src"],
  "img, source": ["srcset"],
  video: ["poster"],
  object: ["data"],
  form: ["action"],
  "button, input": ["formaction"],
};

/** Every address in a page, as written and resolved, and whether the browser loads it by itself. */
function* addresses({ $, url }) {
  for (const [selector, attributes] of Object.entries(addressed)) {
    for (const element of $(selector).toArray()) {
      for (const attribute of attributes) {
        const value = element.attribs[attribute];
        if (value === undefined) continue;
        const written = attribute === "srcset" ? value.split(",").map((part) => part.trim().split(/\s+/)[0]) : [value];
        const loads = !["a", "area", "form", "button"].includes(element.name);
        for (const address of written) yield { written: address, to: new URL(address, url), loads, element };
      }
    }
  }
  for (const meta of $('meta[http-equiv="refresh"], meta[property^="og:"], meta[name="Url"], meta[name="Image"]').toArray()) {
    const address = meta.attribs.content.replace(/^\d+;\s*url=/i, "");
    if (/^(https?:|\/)/.test(address)) yield { written: address, to: new URL(address, url), loads: false, element: meta };
  }
}

const isOurs = (url) => url.href.startsWith(base);
const isWeb = (url) => /^https?:$/.test(url.protocol);
const isElsewhere = (url) => isWeb(url) && url.host !== new URL(base).host;
const byUrl = new Map(pages().map((page) => [page.path, page]));

/** Why an address of ours leads nowhere, if it does. */
function fault(url) {
  const path = outputAt(url);
  if (!path) return "no such file";
  const id = decodeURIComponent(url.hash.slice(1));
  if (id && byUrl.has(path) && !byUrl.get(path).ids.has(id)) return `no id “${id}” in ${path}`;
}

const inPages = (check) => none(pages().flatMap((page) => [...check(page)].map((problem) => `${page.path}: ${problem}`)));

describe("3 Links: a crawl of the whole site", () => {
  test("every link, image and anchor of ours exists", () => {
    inPages(function* (page) {
      for (const { written, to } of addresses(page)) {
        const relative = !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(written);
        const reason = isOurs(to) ? fault(to) : relative ? `outside ${base}` : undefined;
        if (reason) yield `${written}: ${reason}`;
      }
    });
  });

  test("every address in feeds, calendars, style sheets, pictures and the sitemap exists", () => {
    const problems = [];
    const look = (path, addresses, ours = isOurs) => {
      for (const address of addresses) {
        const url = new URL(address, urlOf(path));
        if (ours(url) && fault(url)) problems.push(`${path}: ${address}: ${fault(url)}`);
      }
    };
    for (const path of ending(".xml")) {
      const $ = load(read(path), { xml: true });
      look(path, $("loc, id, uri, icon, logo").map((_, element) => $(element).text()).get());
      look(path, $("[href], [src]").map((_, { attribs }) => attribs.href ?? attribs.src).get());
      for (const html of $("content, summary").toArray()) {
        const body = load($(html).text());
        look(path, body("[href], [src]").map((_, { attribs }) => attribs.href ?? attribs.src).get());
      }
    }
    for (const path of ending("feed.json")) {
      const strings = [];
      JSON.stringify(JSON.parse(read(path)), (_, value) => (typeof value === "string" && /^https?:\S+$/.test(value) && strings.push(value), value));
      look(path, strings);
    }
    for (const path of ending(".ics")) {
      for (const event of new ICAL.Component(ICAL.parse(read(path))).getAllSubcomponents("vevent")) {
        look(path, [event.getFirstPropertyValue("url")].filter(Boolean).map(String));
      }
    }
    const everything = (url) => url.protocol !== "data:";
    for (const path of ending(".css")) {
      const uses = read(path).matchAll(/url\(\s*["']?(.*?)["']?\s*\)|@import\s+["'](.*?)["']/g);
      look(path, [...uses].map((match) => match[1] ?? match[2]), everything);
    }
    for (const path of ending(".svg")) {
      const $ = load(read(path), { xml: true });
      look(path, $("image, use, script, feImage").map((_, { attribs }) => attribs.href ?? attribs["xlink:href"]).get().filter((href) => !href.startsWith("#")), everything);
    }
    none(problems);
  });

  test("every page can be reached from the home page by links, but for redirects and what has expired", () => {
    const reached = new Set(["index.html"]);
    // A set grows while it is walked: what was added is walked too.
    for (const path of reached) {
      for (const { to, element } of addresses(byUrl.get(path))) {
        const target = element.name === "a" && outputAt(to);
        if (target && byUrl.has(target)) reached.add(target);
      }
    }
    const needNotBe = ({ path, isRedirect, isExpired }) => path === "404.html" || isRedirect || isExpired;
    none(pages().filter((page) => !needNotBe(page) && !reached.has(page.path)).map(({ path }) => path));
  });

  test("nothing is loaded from another site", () => {
    inPages(function* (page) {
      for (const { written, to, loads } of addresses(page)) {
        if (loads && to.protocol !== "data:" && !isOurs(to)) yield written;
      }
    });
  });

  test("links to other sites are marked as such, so that the page asks first; no link runs a script", () => {
    inPages(function* (page) {
      for (const { written, to, element } of addresses(page)) {
        if (element.name !== "a") continue;
        if (isElsewhere(to) && !page.$(element).is('.external[rel~="external"][rel~="noopener"]')) yield written;
        if (!isWeb(to) && !["tel:", "mailto:"].includes(to.protocol)) yield written;
      }
    });
  });

  test("no script or style inside a page", () => {
    inPages(function* ({ $ }) {
      for (const script of $("script:not([src])").toArray()) {
        if (script.attribs.type !== "application/ld+json") yield `<script> ${$(script).text().slice(0, 60)}`;
      }
      if ($("style").length) yield "<style>";
      for (const element of $("*").toArray()) {
        for (const name of Object.keys(element.attribs)) {
          if (name === "style" || name.startsWith("on")) yield `<${element.name} ${name}="${element.attribs[name]}">`;
        }
      }
    });
  });

  test("every page has a language, one h1, and a title of its own", () => {
    const titles = new Map();
    inPages(function* ({ $, path, isRedirect }) {
      const title = $("head > title").text().trim();
      if (!$("html").attr("lang")) yield "no language";
      if ($("h1").length !== 1) yield `${$("h1").length} h1`;
      if (!title) yield "no title";
      if (isRedirect) return;
      if (titles.has(title)) yield `“${title}” is also the title of ${titles.get(title)}`;
      titles.set(title, path);
    });
  });
});
