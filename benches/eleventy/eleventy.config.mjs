// The Eleventy site of the benchmark: items' pages, and the paged lists of columns, districts and topics.
import { readFileSync } from "node:fs";

const facts = JSON.parse(readFileSync(new URL("_data/facts.json", import.meta.url)));

export default function (config) {
  config.addPassthroughCopy({ "assets/css": "css" });
  config.addCollection("newest", (api) => newest(api).slice(0, facts.page_size));
  config.addCollection("lists", (api) => lists(newest(api)));
  return {
    dir: { input: ".", includes: "_includes", data: "_data" },
    // Bodies hold no template language, so none is looked for in them.
    markdownTemplateEngine: false,
    htmlTemplateEngine: "njk",
  };
}

function newest(api) {
  return api.getFilteredByGlob("content/**/*.md").sort((a, b) => b.date - a.date);
}

// The pages of all lists, each as { title, url, cards, number, previous, next }.
function lists(items) {
  const of = (folder, names, has) =>
    Object.entries(names).flatMap(([slug, title]) => pages(`${folder}${slug}`, title, has.get(slug) ?? []));
  return [
    ...of("", facts.columns, by(items, (data) => [data.column])),
    ...of("districts/", facts.districts, by(items, (data) => data.districts)),
    ...of("topics/", facts.topics, by(items, (data) => data.topics)),
  ];
}

function by(items, slugs) {
  const groups = new Map();
  for (const item of items) {
    for (const slug of slugs(item.data)) {
      if (!groups.has(slug)) groups.set(slug, []);
      groups.get(slug).push(item);
    }
  }
  return groups;
}

function pages(folder, title, items) {
  const count = Math.max(1, Math.ceil(items.length / facts.page_size));
  const url = (number) => (number === 1 ? `/${folder}/` : `/${folder}/page/${number}/`);
  return Array.from({ length: count }, (_, index) => ({
    title,
    url: url(index + 1),
    cards: items.slice(index * facts.page_size, (index + 1) * facts.page_size),
    number: index + 1,
    previous: index > 0 ? url(index) : null,
    next: index + 1 < count ? url(index + 2) : null,
  }));
}
