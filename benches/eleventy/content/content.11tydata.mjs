// /news/2021/01/name.html, as in Xinfeng.
export default {
  layout: "item.njk",
  permalink: (data) => `${data.page.filePathStem.replace("/content/", "/")}.html`,
};
