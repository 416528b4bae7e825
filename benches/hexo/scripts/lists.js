// The home page and the paged lists, by Hexo's own way for lists that it has no plug-in for: a generator.
const facts = require("../facts.json");

// Every page shows the columns and the site's lines; the home page also links to all lists.
hexo.extend.filter.register("template_locals", (locals) => Object.assign(locals, { facts }));

hexo.extend.generator.register("lists", (locals) => {
  const items = locals.posts.sort("-date").toArray();
  const of = (folder, names, has) =>
    Object.entries(names).flatMap(([slug, title]) => pages(`${folder}${slug}`, title, has.get(slug) ?? []));
  return [
    { path: "index.html", layout: ["home"], data: { cards: items.slice(0, facts.page_size) } },
    ...of("", facts.columns, by(items, (item) => [item.column])),
    ...of("districts/", facts.districts, by(items, (item) => item.districts)),
    ...of("topics/", facts.topics, by(items, (item) => item.topics)),
  ];
});

function by(items, slugs) {
  const groups = new Map();
  for (const item of items) {
    for (const slug of slugs(item)) {
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
    path: `${url(index + 1).slice(1)}index.html`,
    layout: ["list"],
    data: {
      title,
      cards: items.slice(index * facts.page_size, (index + 1) * facts.page_size),
      number: index + 1,
      previous: index > 0 ? url(index) : null,
      next: index + 1 < count ? url(index + 2) : null,
    },
  }));
}
