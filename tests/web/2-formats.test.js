// What other programs read: Atom and JSON feeds, calendars, the sitemap, robots.txt and JSON-LD.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { load } from "cheerio";
import ICAL from "ical.js";
import { base, ending, folder, here, none, outputAt, pages, read, urlOf } from "./site.js";

// RFC 3339: a date, a time and a zone.
const isMoment = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !isNaN(Date.parse(text));
const isAbsolute = (text) => URL.canParse(text);

/** Runs a check on every file with an ending; the check yields what is wrong. */
function every(suffix, check) {
  const paths = ending(suffix);
  if (!paths.length) throw new Error(`no ${suffix} file`);
  none(paths.flatMap((path) => [...check(path)].map((problem) => `${path}: ${problem}`)));
}

function xmllint(...args) {
  const run = spawnSync("xmllint", ["--nonet", "--noout", ...args], { cwd: folder, encoding: "utf8" });
  if (run.error) throw run.error;
  if (run.status) none(run.stderr.trim().split("\n"));
}

describe("2 Formats: feeds, calendars, sitemap, JSON-LD", () => {
  test("every XML file is well-formed", () => xmllint(...ending(".xml"), ...ending(".svg")));

  test("Atom feeds have what RFC 4287 requires", () => {
    every("feed.xml", function* (path) {
      const $ = load(read(path), { xml: true });
      const feed = $("feed");
      if (feed.attr("xmlns") !== "http://www.w3.org/2005/Atom") yield "not in the Atom namespace";
      if (feed.children('link[rel="self"]').attr("href") !== urlOf(path)) yield "link rel=self is not its own address";
      const ids = new Set();
      for (const element of [feed, ...feed.children("entry").toArray().map((entry) => $(entry))]) {
        const name = element.children("title").text() || "(no title)";
        for (const required of ["id", "title", "updated"]) {
          if (element.children(required).length !== 1) yield `${name}: needs exactly one <${required}>`;
        }
        const id = element.children("id").text();
        if (!isAbsolute(id)) yield `${name}: id ${id} is no IRI`;
        if (ids.has(id)) yield `${name}: id ${id} is there twice`;
        ids.add(id);
        for (const date of element.children("updated, published").toArray()) {
          if (!isMoment($(date).text())) yield `${name}: <${date.name}> ${$(date).text()} is no RFC 3339 date`;
        }
        for (const author of element.children("author").toArray()) {
          if (!$(author).children("name").text().trim()) yield `${name}: an author without a name`;
        }
        for (const category of element.children("category").toArray()) {
          if (!category.attribs.term) yield `${name}: a category without a term`;
        }
        for (const link of element.children("link").toArray()) {
          if (!isAbsolute(link.attribs.href)) yield `${name}: link ${link.attribs.href} is not absolute`;
        }
        if (element === feed) continue;
        if (!element.children("author").length && !feed.children("author").length) yield `${name}: no author`;
        if (!element.children("content").length && !element.children('link[rel="alternate"]').length) yield `${name}: neither content nor link`;
      }
    });
  });

  test("JSON feeds have what JSON Feed 1.1 requires", () => {
    every("feed.json", function* (path) {
      const feed = JSON.parse(read(path));
      if (feed.version !== "https://jsonfeed.org/version/1.1") yield "version is not 1.1";
      if (typeof feed.title !== "string" || !feed.title) yield "no title";
      if (feed.feed_url !== urlOf(path)) yield "feed_url is not its own address";
      if (!isAbsolute(feed.home_page_url)) yield "home_page_url is not absolute";
      if (!Array.isArray(feed.items)) return yield "items is no list";
      const ids = new Set();
      for (const item of feed.items) {
        const name = item.title ?? item.id;
        if (typeof item.id !== "string" || !item.id) yield `${name}: id is no text`;
        if (ids.has(item.id)) yield `${name}: id ${item.id} is there twice`;
        ids.add(item.id);
        if (!("content_html" in item) && !("content_text" in item)) yield `${name}: neither content_html nor content_text`;
        for (const key of ["url", "external_url", "image", "banner_image"]) {
          if (key in item && !isAbsolute(item[key])) yield `${name}: ${key} ${item[key]} is not absolute`;
        }
        for (const key of ["date_published", "date_modified"]) {
          if (key in item && !isMoment(item[key])) yield `${name}: ${key} ${item[key]} is no RFC 3339 date`;
        }
        if ("tags" in item && !item.tags.every((tag) => typeof tag === "string")) yield `${name}: a tag that is no text`;
        if ("author" in item) yield `${name}: author is of version 1.0, authors of 1.1`;
      }
    });
  });

  test("the two feeds of a list have the same entries", () => {
    every("feed.xml", function* (path) {
      const $ = load(read(path), { xml: true });
      const atom = $("entry > id").map((_, id) => $(id).text()).get();
      const json = JSON.parse(read(path.replace(/xml$/, "json"))).items.map((item) => item.id);
      if (atom.join() !== json.join()) yield "differs from feed.json";
    });
  });

  test("calendars are iCalendar (RFC 5545): CRLF, lines of at most 75 octets, whole characters, unique events", () => {
    every(".ics", function* (path) {
      const bytes = readFileSync(join(folder, path));
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      if (!text.endsWith("\r\n") || /[^\r]\n|\r[^\n]/.test(text)) yield "a line does not end in CRLF";
      for (const line of text.split("\r\n")) {
        if (Buffer.byteLength(line) > 75) yield `${Buffer.byteLength(line)} octets: ${line}`;
        if (line.includes("\uFFFD")) yield `a character is cut in two: ${line}`;
      }
      const parsed = ICAL.parse(text);
      // The parser forgives much; what it read, written down again, must be what stands there.
      const lines = (text) => text.trim().replace(/\r\n[ \t]/g, "").split("\r\n");
      const again = lines(ICAL.stringify(parsed));
      for (const [index, line] of lines(text).entries()) {
        if (line !== again[index]) return yield `the parser reads “${line}” as “${again[index]}”`;
      }
      const calendar = new ICAL.Component(parsed);
      if (calendar.name !== "vcalendar") yield "no VCALENDAR";
      if (calendar.getFirstPropertyValue("version") !== "2.0") yield "VERSION is not 2.0";
      if (!calendar.getFirstPropertyValue("prodid")) yield "no PRODID";
      const uids = new Set();
      for (const component of calendar.getAllSubcomponents("vevent")) {
        const event = new ICAL.Event(component, { strictExceptions: true });
        if (!event.summary) yield `${event.uid}: no SUMMARY`;
        if (!event.uid || uids.has(event.uid)) yield `UID ${event.uid} is missing or there twice`;
        uids.add(event.uid);
        const stamp = component.getFirstPropertyValue("dtstamp");
        if (stamp?.zone !== ICAL.Timezone.utcTimezone) yield `${event.uid}: DTSTAMP is missing or not in UTC`;
        if (!event.startDate) yield `${event.uid}: no DTSTART`;
        if (component.hasProperty("dtend") && event.endDate.compare(event.startDate) <= 0) yield `${event.uid}: ends before it starts`;
        for (const property of component.getAllProperties()) {
          const zone = property.getParameter("tzid");
          if (zone && !calendar.getAllSubcomponents("vtimezone").some((known) => known.getFirstPropertyValue("tzid") === zone)) {
            yield `${event.uid}: the time zone ${zone} is not defined`;
          }
        }
      }
      if (!uids.size) yield "no event";
    });
  });

  test("sitemap.xml follows the sitemaps.org protocol", () => xmllint("--schema", join(here, "sitemap.xsd"), "sitemap.xml"));

  test("the sitemap lists exactly the pages that search engines may show", () => {
    const listed = load(read("sitemap.xml"), { xml: true })("loc").map((_, loc) => load(loc).text()).get();
    const indexed = pages().filter((page) => page.isIndexed && page.path !== "404.html").map((page) => page.url);
    none([
      ...listed.filter((url) => !outputAt(url)).map((url) => `${url}: no such page`),
      ...listed.filter((url) => !indexed.includes(url)).map((url) => `${url}: listed, but not for search engines`),
      ...indexed.filter((url) => !listed.includes(url)).map((url) => `${url}: not listed`),
    ]);
  });

  test("robots.txt names the sitemap", () => {
    if (!read("robots.txt").split("\n").includes(`Sitemap: ${urlOf("sitemap.xml")}`)) throw new Error(read("robots.txt"));
  });

  test("JSON-LD blocks are JSON with a context, and their addresses exist", () => {
    const problems = [];
    for (const { path, $ } of pages()) {
      for (const block of $('script[type="application/ld+json"]').toArray()) {
        try {
          const data = JSON.parse($(block).text());
          if (!data["@context"]) problems.push(`${path}: no @context`);
          JSON.stringify(data, (_, value) => {
            if (typeof value === "string" && /^https?:\S+$/.test(value) && value.startsWith(base) && !outputAt(value)) problems.push(`${path}: ${value} leads nowhere`);
            return value;
          });
        } catch (error) {
          problems.push(`${path}: ${error.message}`);
        }
      }
    }
    none(problems);
  });
});
